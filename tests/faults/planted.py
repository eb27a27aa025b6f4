"""Bugs planted on purpose. A harness that stays green with one of them in place would prove nothing."""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

from botocore.exceptions import ClientError

import santral.api
import santral.crm.call_log
import santral.providers.verimor.calls
import santral.telephony.joining
import santral.telephony.outbox
from functions.workers import record_event
from santral.calls import CallEvent, CallState, Disposition
from santral.providers.kobikom import call_records
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


@contextlib.contextmanager
def dials_logged_by_themselves() -> Iterator[None]:
    """A dial without the PBX's id logged as soon as somebody talks, under the id we gave it."""
    wanted = santral.telephony.outbox.wanted

    def wanted_too(tenant: Any, entry: Any) -> bool:
        talked = entry.provisional and entry.facts.disposition is Disposition.ANSWERED
        return talked or bool(wanted(tenant, entry))

    def as_answered(event: CallEvent) -> CallEvent:
        return event.model_copy(update={"disposition": Disposition.ANSWERED})

    fold = record_event.fold

    def folded(tenant: Any, event: CallEvent) -> Any:
        return fold(tenant, as_answered(event) if event.state is CallState.ANSWERED else event)

    with (
        mock.patch.object(santral.telephony.outbox, "wanted", wanted_too),
        mock.patch.object(record_event, "fold", folded),
    ):
        yield


@contextlib.contextmanager
def conversations_are_calls() -> Iterator[None]:
    """Each conversation WapCRM keeps taken for a call of its own, also where it is about a call of the PBX."""

    def of_its_own(_tenant: Any, event: CallEvent) -> Any:
        return santral.telephony.joining.Place(event.call_id)

    with mock.patch.object(santral.telephony.joining, "_of_conversation", of_its_own):
        yield


@contextlib.contextmanager
def a_phone_that_stops_ringing_ends_the_call() -> Iterator[None]:
    """Verimor's user_hangup, one of several phones letting go, taken for the call's end."""
    with mock.patch.dict(santral.providers.verimor.calls._STATES, {"user_hangup": CallState.ENDED}):
        yield


@contextlib.contextmanager
def legs_are_calls() -> Iterator[None]:
    """Kobikom's records taken for calls each, also where a call was handed on."""

    def one_by_one(records: Any) -> Any:
        return [call_records.RecordedCall((record,)) for record in records]

    with mock.patch("santral.providers.kobikom.client.calls", one_by_one):
        yield


@contextlib.contextmanager
def outcomes_saved_again() -> Iterator[None]:
    """What was pressed done as often as it is asked for, without a look at whether it was done."""

    def each_time(_request: Any, _click: Any, effect: Callable[[], Any]) -> Any:
        return effect()

    with mock.patch.object(santral.api.Request, "once", each_time):
        yield


# Each with a customer whose CRM does not hide it.
BUGS: dict[str, tuple[Callable[[], AbstractContextManager[None]], Case]] = {
    "keyed on the message id": (keyed_on_message_id, Case()),
    "acknowledged before the queue has it": (acknowledged_before_queued, Case()),
    "retried without looking": (retried_without_looking, Case("plain")),
    "deduplicated by state, not content": (deduplicated_by_state, Case()),
    "moments as fractions": (fractions_of_seconds, Case()),
    "dials logged by themselves": (dials_logged_by_themselves, Case(pbx="kobikom")),
    "legs are calls": (legs_are_calls, Case(pbx="kobikom")),
    "a phone that stops ringing ends the call": (a_phone_that_stops_ringing_ends_the_call, Case(pbx="verimor")),
    "conversations are calls": (conversations_are_calls, Case(pbx="verimor", wapcrm="calls")),
    "done as often as pressed": (outcomes_saved_again, Case(pbx="kobikom", wapcrm="beside")),
}
