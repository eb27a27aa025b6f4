"""Erasing everything we hold of a phone number, for whoever asks to be forgotten.

It reads every row of the table, since a number stands in more places than an index can know: who was called, who the
call was passed on to, a text. Only an integrator's rights reach so far. Zoho's records are the customer's own and stay.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from santral.calls import RecordingState
from santral.crm.leads import attempt_keys
from santral.errors import Conflict
from santral.forgotten import bury
from santral.phone import anywhere
from santral.sentences import say
from santral.store.quarantine import OpenQuarantine
from santral.store.queue import DeadLetters, Letter
from santral.store.table import Row, WholeTable
from santral.store.versions import Version, Versions
from santral.telephony.permalinks import call_handle
from santral.tenant import Tenant

_CALL = "CALL#"
_QUARANTINE = "QUARANTINE#"
# The tenant's own people, whom the tenant removes itself.
_DIRECTORY = ("USER#", "EXTENSION#")
_MOST_PASSES = 5
T = TypeVar("T")


class Watch(Protocol):
    """Shows how far a long reading has come."""

    def __call__(self, items: Iterable[T], what: str) -> Iterable[T]:
        """Yield the items on."""


@dataclass(frozen=True)
class Holdings:
    """All places where a tenant's data lies."""

    table: WholeTable
    versions: Versions
    dead_letters: Sequence[DeadLetters]


@dataclass
class Found:
    """What was found of a number: ids of calls, keys of other rows, objects, bodies.

    `forgotten` are calls that were erased earlier, whosever they were: what comes late of them goes as well.
    """

    calls: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    rows: list[tuple[str, str]] = field(default_factory=list)
    directory_rows: int = 0
    recordings: list[Version] = field(default_factory=list)
    quarantined: list[str] = field(default_factory=list)
    dead_letters: int = 0

    def __bool__(self) -> bool:
        return bool(self.calls or self.rows or self.recordings or self.quarantined or self.dead_letters)

    def add(self, more: "Found") -> None:
        """Count what a later look found as well."""
        self.calls += more.calls
        self.rows += more.rows
        self.recordings += more.recordings
        self.quarantined += more.quarantined
        self.dead_letters += more.dead_letters


def find(tenant: Tenant, holdings: Holdings, number: str, watch: Watch) -> Found:
    """Return everything held of an E.164 number, and what came late of calls erased earlier. Changes nothing."""
    spelling = anywhere(number)
    hidden = attempt_keys(tenant, number)
    found = Found()
    without_recording: list[str] = []
    for row in watch(holdings.table.every_row(), "Reading the table"):
        if row["pk"] in hidden or spelling.search(_text(row)):
            _sort_in(found, row)
        elif row["pk"].startswith(_CALL) and row.get("erased_at"):
            found.forgotten.append(row["pk"].removeprefix(_CALL))
        if row.get("recording", {}).get("state") == RecordingState.ERASED:
            without_recording.append(row["pk"].removeprefix(_CALL))
    # An archiver that was at work when a recording was erased may have finished its copy since.
    for call_id in watch(sorted({*found.calls, *without_recording}), "Looking for recordings"):
        found.recordings += _recordings(holdings.versions, call_id)
    for kept in watch(OpenQuarantine(holdings.table, holdings.versions).everything(), "Reading the quarantine"):
        if spelling.search(kept.body.decode("utf-8", "replace")):
            found.quarantined.append(kept.quarantine_id)
    found.quarantined = list(dict.fromkeys(found.quarantined))
    for letters in holdings.dead_letters:
        about, others = _sorted(letters, found, spelling, watch)
        found.dead_letters += len(about)
        for letter in (*about, *others):
            letters.release(letter)
    return found


def forget(tenant: Tenant, holdings: Holdings, number: str, watch: Watch) -> Found:
    """Erase everything held of an E.164 number and return what that was.

    The tombstone comes first. Who was at work before it may still write, so this looks again until nothing is left.

    Raises:
        Conflict: There was something each time. What was found is erased.
    """
    bury(tenant, number)
    erased = Found()
    for _ in range(_MOST_PASSES):
        found = find(tenant, holdings, number, watch)
        if not found:
            return erased
        _erase(tenant, holdings, found, anywhere(number), watch)
        erased.add(found)
    raise Conflict("still written", sentence=say("This number keeps coming in. Erase it again in some minutes."))


def _erase(tenant: Tenant, holdings: Holdings, found: Found, spelling: re.Pattern[str], watch: Watch) -> None:
    for call_id in watch(found.calls, "Erasing calls"):
        # The rows first: from then on nobody archives these calls any more.
        if spelling.search(call_id):
            holdings.table.remove(_CALL + call_id)
        else:
            tenant.calls.erase(call_id)
    holdings.versions.remove(found.recordings)
    for pk, sk in found.rows:
        holdings.table.remove(pk, sk)
    for quarantine_id in watch(found.quarantined, "Erasing the quarantine"):
        OpenQuarantine(holdings.table, holdings.versions).drop(quarantine_id)
    for letters in holdings.dead_letters:
        about, others = _sorted(letters, found, spelling, watch)
        for letter in about:
            letters.remove(letter)
        for letter in others:
            letters.release(letter)


def _sort_in(found: Found, row: Row) -> None:
    pk = row["pk"]
    if pk.startswith(_CALL):
        found.calls.append(pk.removeprefix(_CALL))
    elif pk.startswith(_DIRECTORY):
        found.directory_rows += 1
    elif pk.startswith(_QUARANTINE):
        found.quarantined.append(pk.removeprefix(_QUARANTINE))
    else:
        found.rows.append((pk, row["sk"]))


def _recordings(versions: Versions, call_id: str) -> Iterator[Version]:
    """Yield every version of a call's recording, the original and the playable copy, whatever their formats."""
    for folder in ("original", "playable"):
        yield from versions.under(f"recordings/{folder}/{call_handle(call_id)}")


def _sorted(
    letters: DeadLetters, found: Found, spelling: re.Pattern[str], watch: Watch
) -> tuple[list[Letter], list[Letter]]:
    """Return the dead letters that hold the number or are of an erased call, and the others; all are in our hands now.

    The calls count because of a FIFO queue, which shows no more than ten letters of a group as long as none is removed.
    """
    calls = {*found.calls, *found.forgotten}
    about: list[Letter] = []
    others: list[Letter] = []
    for letter in watch(letters.held(), f"Reading the dead letters of {letters.name}"):
        (about if letter.group in calls or spelling.search(letter.body) else others).append(letter)
    return about, others


def _text(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False, default=str)
