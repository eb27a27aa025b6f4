"""Bugs planted on purpose. A harness that stays green with one of them in place would prove nothing."""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

from botocore.exceptions import ClientError

import santral.crm.call_log
import santral.telephony.outbox
from functions.workers import record_event
from santral.calls import CallEvent
from santral.store.queue import EventQueue
from tests.faults.troubles import Crash
from tests.faults.world import Case


@contextlib.contextmanager
def keyed_on_message_id() -> Iterator[None]:
    """The ledger keyed by the message that came instead of the call it tells of."""
    numbers = itertools.count(1)
    fold = record_event.fold

    def folded(tenant: Any, event: CallEvent) -> Any:
        return fold(tenant, event.model_copy(update={"call_id": f"{event.call_id}-m{next(numbers)}"}))

    with mock.patch.object(record_event, "fold", folded):
        yield


@contextlib.contextmanager
def acknowledged_before_queued() -> Iterator[None]:
    """The webhook answered although the queue may not have the event."""
    send = EventQueue.send

    def sent(queue: EventQueue, event: CallEvent) -> None:
        with contextlib.suppress(ClientError, Crash):
            send(queue, event)

    with mock.patch.object(EventQueue, "send", sent):
        yield


@contextlib.contextmanager
def retried_without_looking() -> Iterator[None]:
    """A second try that inserts without asking whether the first one did."""
    nothing_alone = mock.patch.object(santral.crm.call_log, "_already_there", return_value=None)
    nothing_together = mock.patch.object(santral.crm.call_log, "_found_again", return_value={})
    with nothing_alone, nothing_together:
        yield


@contextlib.contextmanager
def deduplicated_by_state() -> Iterator[None]:
    """Two events of a call in the same state taken for one, whatever they tell."""
    with mock.patch.object(CallEvent, "fingerprint", lambda event: f"{event.call_id}-{event.state}"):
        yield


@contextlib.contextmanager
def fractions_of_seconds() -> Iterator[None]:
    """Moments in the table as floating-point numbers."""
    with mock.patch.object(santral.telephony.outbox, "_now", lambda tenant: tenant.clock().timestamp()):
        yield


# Each with a customer whose CRM does not hide it.
BUGS: dict[str, tuple[Callable[[], AbstractContextManager[None]], Case]] = {
    "keyed on the message id": (keyed_on_message_id, Case()),
    "acknowledged before the queue has it": (acknowledged_before_queued, Case()),
    "retried without looking": (retried_without_looking, Case("plain")),
    "deduplicated by state, not content": (deduplicated_by_state, Case()),
    "moments as fractions": (fractions_of_seconds, Case()),
}
