"""What every worker shares: reading a batch of queue messages, and answering for each of them."""

import json
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    SqsFifoPartialProcessor,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from santral.telemetry import flush, logger
from santral.tenant import Tenant, current

Message = dict[str, Any]


def queue_worker(*, fifo: bool) -> Callable[[Callable[[Tenant, Message], None]], Any]:
    """Make a Lambda handler of what is to be done with one message.

    A message whose work raises goes back to the queue alone; in a FIFO queue the later ones of its group go with it.
    """

    def decorate(work: Callable[[Tenant, Message], None]) -> Callable[[dict[str, Any], Any], Any]:
        def handle(record: SQSRecord) -> None:
            try:
                work(current(), json.loads(record.body))
            except Exception:
                logger.exception("message goes back to its queue", message_id=record.message_id)
                raise

        def handler(event: dict[str, Any], context: Any) -> Any:
            logger.append_keys(function=context.function_name)
            processor = SqsFifoPartialProcessor(skip_group_on_error=True) if fifo else BatchProcessor(EventType.SQS)
            # A batch that failed as a whole goes back like any other failure, without ending the container.
            processor.raise_on_entire_batch_failure = False
            try:
                return process_partial_response(event, handle, processor, context)
            finally:
                flush()

        return handler

    return decorate


def schedule_worker(work: Callable[[Tenant, float], None]) -> Callable[[dict[str, Any], Any], None]:
    """Make a Lambda handler of recurring work, which is told how many seconds it has."""

    def handler(_event: dict[str, Any], context: Any) -> None:
        logger.append_keys(function=context.function_name)
        try:
            work(current(), context.get_remaining_time_in_millis() / 1000)
        finally:
            flush()

    return handler
