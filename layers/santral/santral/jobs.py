"""What every worker shares: reading a batch of queue messages, and answering for each of them."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from santral.telemetry import flush, logger
from santral.tenant import Tenant, current

Message = dict[str, Any]
Work = Callable[[Tenant, Message], None]


def queue_worker(work: Work) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """Make a Lambda handler of what is to be done with one message.

    A message whose work raises goes back to its queue; in a FIFO queue the later ones of its group go with it, so that
    they keep their order. All others are done.
    """

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        logger.append_keys(function=context.function_name)
        try:
            return {"batchItemFailures": [{"itemIdentifier": failed} for failed in _failures(work, event["Records"])]}
        finally:
            flush()

    return handler


def _failures(work: Work, records: list[dict[str, Any]]) -> Iterator[str]:
    stuck: set[str] = set()
    for record in records:
        group = record["attributes"].get("MessageGroupId")
        if group in stuck:
            yield record["messageId"]
            continue
        try:
            work(current(), json.loads(record["body"]))
        except Exception:  # noqa: BLE001 (whatever it was, this message alone goes back)
            logger.exception("message goes back to its queue", message_id=record["messageId"])
            yield record["messageId"]
            if group:
                stuck.add(group)


def schedule_worker(work: Callable[[Tenant, float], None]) -> Callable[[dict[str, Any], Any], None]:
    """Make a Lambda handler of recurring work, which is told how many seconds it has."""

    def handler(_event: dict[str, Any], context: Any) -> None:
        logger.append_keys(function=context.function_name)
        try:
            work(current(), context.get_remaining_time_in_millis() / 1000)
        finally:
            flush()

    return handler
