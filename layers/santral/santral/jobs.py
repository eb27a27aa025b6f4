"""What every worker shares: reading a batch of queue messages, and answering for each of them."""

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from santral.telemetry import count, flush, logger
from santral.tenant import Tenant, current

Message = dict[str, Any]
Result = TypeVar("Result")
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def queue_worker(work: Callable[[Tenant, Message], Any]) -> Handler:
    """Make a Lambda handler of what is to be done with one message.

    A message whose work raises goes back to its queue; in a FIFO queue the later ones of its group go with it, so that
    they keep their order. All others are done.
    """
    return batch_worker(lambda _tenant, _results: None)(work)


def batch_worker(
    finish: Callable[[Tenant, list[Result]], None],
) -> Callable[[Callable[[Tenant, Message], Result]], Handler]:
    """Make a `queue_worker` that at last does something with the results of all messages that are done.

    Args:
        finish: Takes the tenant and the results. Messages are done whatever becomes of it, so nothing may rest on it.
    """

    def of(work: Callable[[Tenant, Message], Result]) -> Handler:
        def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
            logger.append_keys(function=context.function_name)
            try:
                results: list[Result] = []
                failed = list(_failures(work, event["Records"], results))
                _finish(finish, results)
                return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}
            finally:
                flush()

        return handler

    return of


def _finish(finish: Callable[[Tenant, list[Result]], None], results: list[Result]) -> None:
    if not results:
        return
    try:
        finish(current(), results)
    except Exception:  # noqa: BLE001 (the messages are done; sending them back would only do them again)
        logger.exception("batch not finished")
        count("unexpected_errors")


def _failures(
    work: Callable[[Tenant, Message], Result], records: list[dict[str, Any]], results: list[Result]
) -> Iterator[str]:
    stuck: set[str] = set()
    for record in records:
        group = record["attributes"].get("MessageGroupId")
        if group in stuck:
            yield record["messageId"]
            continue
        try:
            results.append(work(current(), json.loads(record["body"])))
        except Exception:  # noqa: BLE001 (whatever it was, this message alone goes back)
            logger.exception("message goes back to its queue", message_id=record["messageId"])
            count("messages_returned")
            yield record["messageId"]
            if group:
                stuck.add(group)


def schedule_worker(work: Callable[[Tenant, float], None]) -> Callable[[dict[str, Any], Any], None]:
    """Make a Lambda handler of recurring work, which is told how many seconds it has."""

    def handler(_event: dict[str, Any], context: Any) -> None:
        logger.append_keys(function=context.function_name)
        try:
            work(current(), context.get_remaining_time_in_millis() / 1000)
        except Exception:
            # The runtime logs it; nobody waits for this work, so only the metric tells.
            count("unexpected_errors")
            raise
        finally:
            flush()

    return handler
