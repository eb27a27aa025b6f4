"""The score of a run, from the observers' files alone: `python -m tests.faults.scorecard FOLDER ...`.

C1  what a provider was told is safe is folded, still waiting, or quarantined, and nothing it told is missing from the
    row; a message that was told of is a note where its customer is known
C2  every call a provider knows is in the CRM, unless it is of the kind that never is, and says there what it says
C3  no call has two records in the CRM, whatever ids it has, no caller two leads, no message two notes
C4  every recording is in the bucket once, byte for byte
C5  nothing pressed was done twice, and nothing was done that nobody pressed
"""

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Line = dict[str, Any]
_EXTENSION_DIGITS = 5
_CALL_ID = re.compile(r"(?:virtualats|kobikom|verimor|wapcrm):[A-Za-z0-9._-]+")
_DONE = (200, 201, 202)


@dataclass
class Score:
    """What the files say. `broken` lists each violation by the invariant it breaks."""

    seeds: list[int] = field(default_factory=list)
    commits: list[str] = field(default_factory=list)
    calls: int = 0
    events: int = 0
    logged: int = 0
    recordings: int = 0
    dialled: int = 0
    messages: int = 0
    pending: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    broken: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def injected(self) -> int:
        # What a handler raised is a consequence, not a fault.
        return sum(number for kind, number in self.faults.items() if not kind.startswith("("))

    @property
    def holds(self) -> bool:
        """Whether this run shows anything, and nothing bad."""
        return self.injected > 0 and self.calls > 0 and not any(self.broken.values())

    def broke(self, invariant: str, what: str) -> None:
        self.broken[invariant].append(what)

    def added(self, other: "Score") -> "Score":
        """The score of two runs together."""
        both = Score(seeds=[*self.seeds, *other.seeds], faults=self.faults + other.faults)
        both.commits = sorted({*self.commits, *other.commits})
        for name in ("calls", "events", "logged", "recordings", "dialled", "messages", "pending"):
            setattr(both, name, getattr(self, name) + getattr(other, name))
        for score in (self, other):
            for invariant, broken in score.broken.items():
                both.broken[invariant] += broken
        return both

    def as_json(self) -> Line:
        return {**self.__dict__, "faults": dict(self.faults), "broken": {k: v for k, v in self.broken.items() if v}}

    @classmethod
    def of_json(cls, told: Line) -> "Score":
        score = cls(**{**told, "faults": Counter(told["faults"]), "broken": defaultdict(list)})
        for invariant, broken in told["broken"].items():
            score.broken[invariant] += broken
        return score


def score(folder: Path) -> Score:
    """Join the observers' files of one run."""
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    sender = list(_lines(folder / "sender.jsonl"))
    crm = list(_lines(folder / "crm.jsonl"))
    ours = list(_lines(folder / "table.jsonl"))
    found = Score(seeds=[run["seed"]], commits=[run["commit"]], faults=Counter(run["faults"]))
    calls = {line["call_id"]: line for line in sender if line["kind"] == "call"}
    known_as = {name: call_id for call_id, call in calls.items() for name in (call_id, *call.get("also", ()))}
    rows = {
        known_as.get(line["call_id"], line["call_id"]): line
        for line in ours
        if line["kind"] == "row" and line["pk"].startswith("CALL#") and not line.get("joined_to")
    }
    messages = {
        line["message_id"]: line for line in ours if line["kind"] == "row" and line["pk"].startswith("MESSAGE#")
    }
    waiting = Counter(_about(line["body"], known_as) for line in ours if line["kind"] == "message")
    records = _records(crm, known_as)
    found.calls = len(calls)
    owing = [row for row in rows.values() if row.get("owed")] + [row for row in messages.values() if row.get("due")]
    found.pending = waiting.total() + len(owing)
    if found.pending:
        found.broke("rest", f"{found.pending} messages or rows still wait although nothing is wrong any more")
    _conservation(found, sender, rows, waiting)
    _messages(found, sender, messages, waiting, crm)
    _completeness(found, calls, records)
    _dialled_from(found, calls, records, sender)
    _once(found, records, crm)
    _recordings(found, calls, rows, [line for line in ours if line["kind"] == "object"])
    _clicks(found, sender, rows)
    return found


def _about(body: Line, known_as: dict[str, str]) -> str:
    """The call or message that something in a queue is about."""
    about = body.get("call_id") or body.get("message_id") or f"campaign {body.get('campaign_id')}"
    return known_as.get(about, about)


def _conservation(found: Score, sender: list[Line], rows: dict[str, Line], waiting: Counter[str]) -> None:
    told: dict[str, dict[str, Line]] = defaultdict(dict)
    for line in sender:
        if line["kind"] == "delivery" and "call_id" in line and _acknowledged(line):
            told[line["call_id"]][line["event"]] = line["told"]
    for call_id, events in told.items():
        found.events += len(events)
        row = rows.get(call_id)
        if row is None:
            if not waiting[call_id]:
                found.broke("C1", f"{call_id}: acknowledged {len(events)} times, and nothing of it is kept")
        elif not waiting[call_id]:
            read = _READ_BY[call_id.partition(":")[0]]
            for name, value in _undisputed(read(event) for event in events.values()).items():
                kept = row["facts"]["texts"].get(name, [None, None])[1]
                if kept is None or value not in kept:
                    found.broke("C1", f"{call_id}: {name} was told and acknowledged, and the row lacks it")


def _acknowledged(line: Line) -> bool:
    return line["status"] is not None and 200 <= line["status"] < 300


def _undisputed(events: Iterable[Line]) -> Line:
    """What some event told and none told otherwise."""
    values: dict[str, set[str]] = defaultdict(set)
    for event in events:
        for field_name, value in event.items():
            if value:
                values[field_name].add(value)
    return {name: next(iter(told)) for name, told in values.items() if len(told) == 1}


def _told_by_virtualats(event: Line) -> Line:
    internal = len(event["source"]) <= _EXTENSION_DIGITS and len(event["destination"]) <= _EXTENSION_DIGITS
    name = event["callerId"].partition("<")[0].strip() if event["direction"] == "INBOUND" else ""
    return {
        "caller_name": "" if internal else name,
        "extension": event["answeredNumber"],
        "recording_ref": event["recordConversation"].strip().rsplit("/", 1)[-1],
    }


def _told_by_verimor(event: Line) -> Line:
    """A campaign's results and a phone that stopped ringing tell nothing of these."""
    if event.get("event_type", "user_hangup") == "user_hangup":
        return {}
    user = event.get("connected_user") or event["dialed_user"]
    return {
        "extension": user if event["direction"] == "inbound" else "",
        "recording_ref": event["call_uuid"] if event.get("recording_present") == "true" else "",
    }


_READ_BY = {"virtualats": _told_by_virtualats, "verimor": _told_by_verimor}
# How far a message has come, in the provider's words and in ours.
_STATES = {1: "sent", 2: "delivered", 3: "read"}
_RANKS = ("accepted", "sent", "failed", "delivered", "read", "received")


def _messages(found: Score, sender: list[Line], rows: dict[str, Line], waiting: Counter[str], crm: list[Line]) -> None:
    written = [
        commit["fields"].get("Note_Content") or ""
        for commit in crm
        if commit["module"] == "Notes" and commit["action"] == "insert"
    ]
    told: dict[str, int] = {}
    for line in sender:
        if line["kind"] == "delivery" and "messages" in line and _acknowledged(line):
            found.events += 1
            for message_id in line["messages"]:
                told[message_id] = max(told.get(message_id, 0), line.get("status", 0))
    sent = {click["effect"] for click in sender if click["kind"] == "click" and 202 in click["answers"]}
    for message in (line for line in sender if line["kind"] == "message"):
        message_id, row = message["message_id"], rows.get(message["message_id"])
        notes = sum(message["text"] in note for note in written)
        heard_of = f"send {message['text']}" in sent if message["sent"] else message_id in told
        found.messages += heard_of
        if notes > 1:
            found.broke("C3", f"{message_id}: {notes} notes in the CRM")
        if heard_of and message["known"] and not notes:
            found.broke("C1", f"{message_id}: the message was told of, and is no note in the CRM")
        if message_id in told and not waiting[message_id]:
            least = _STATES.get(told[message_id], "accepted")
            if row is None:
                found.broke("C1", f"{message_id}: acknowledged, and nothing of it is kept")
            elif _RANKS.index(row["state"]) < _RANKS.index(least):
                found.broke("C1", f"{message_id}: told to be {least}, kept as {row['state']}")


def _records(crm: list[Line], known_as: dict[str, str]) -> dict[str, dict[str, Line]]:
    """The CRM's records of calls, by call and record id, with all that was ever written into them."""
    owner: dict[str, str] = {}
    records: dict[str, dict[str, Line]] = defaultdict(dict)
    for commit in crm:
        if commit["module"] != "Calls":
            continue
        if commit["action"] == "insert":
            named = _call_of(commit)
            owner[commit["id"]] = known_as.get(named, named)
            records[owner[commit["id"]]][commit["id"]] = {}
        if commit["id"] in owner:
            records[owner[commit["id"]]][commit["id"]].update(commit["fields"])
    return records


def _call_of(commit: Line) -> str:
    named = commit["fields"].get("Santral_Call_ID") or commit["fields"].get("Description") or ""
    found = _CALL_ID.search(named)
    return found.group(0) if found else f"(unknown) {commit['id']}"


def _completeness(found: Score, calls: dict[str, Line], records: dict[str, dict[str, Line]]) -> None:
    for call_id, call in calls.items():
        logged = list(records.get(call_id, {}).values())
        if not call["wanted"]:
            if logged:
                found.broke("C2", f"{call_id}: logged although it never should be")
            continue
        if not logged:
            found.broke("C2", f"{call_id}: its provider knows it, the CRM does not")
            continue
        found.logged += 1
        wanted = _as_crm_says(call)
        wrong = [name for name, value in wanted.items() if logged[0].get(name) != value]
        if wrong:
            found.broke("C2", f"{call_id}: the CRM says something else in {', '.join(wrong)}")
    for call_id in records:
        if call_id not in calls:
            found.broke("C2", f"{call_id}: the CRM knows a call no provider does")


def _dialled_from(
    found: Score, calls: dict[str, Line], records: dict[str, dict[str, Line]], sender: list[Line]
) -> None:
    """A call that was dialled from a contact belongs to it: so the dial is known to have become that call."""
    asked = {
        click["number"]: click["contact"]
        for click in sender
        if click["kind"] == "click" and "contact" in click and 202 in click["answers"]
    }
    for call_id, call in calls.items():
        contact = asked.get(call["to"][-10:]) if call["dialled"] else None
        for logged in records.get(call_id, {}).values():
            if contact and (logged.get("Who_Id") or {}).get("id") != contact:
                found.broke("C2", f"{call_id}: dialled from a contact, and does not belong to it")


def _as_crm_says(call: Line) -> Line:
    if call["direction"] == "inbound" and not call["answered"]:
        return {"Call_Type": "Missed"}
    minutes, seconds = divmod(call["talk_seconds"] if call["answered"] else 0, 60)
    return {
        "Call_Type": "Inbound" if call["direction"] == "inbound" else "Outbound",
        "Call_Duration": f"{minutes:02d}:{seconds:02d}",
    }


def _once(found: Score, records: dict[str, dict[str, Line]], crm: list[Line]) -> None:
    for call_id, several in records.items():
        if len(several) > 1:
            found.broke("C3", f"{call_id}: {len(several)} records in the CRM")
    leads = Counter(
        commit["fields"].get("Phone") for commit in crm if commit["module"] == "Leads" and commit["action"] == "insert"
    )
    for number in leads.values():
        if number > 1:
            found.broke("C3", f"one caller became {number} leads")


def _recordings(found: Score, calls: dict[str, Line], rows: dict[str, Line], objects: list[Line]) -> None:
    by_content = Counter(line["sha256"] for line in objects if "/original/" in line["key"])
    wanted = {call_id: call["recording_sha256"] for call_id, call in calls.items() if call["recording_sha256"]}
    # Two short calls may sound alike.
    alike = Counter(wanted.values())
    for call_id, content in wanted.items():
        found.recordings += 1
        if by_content[content] != alike[content]:
            found.broke("C4", f"{call_id}: its recording is in the bucket {by_content[content]} times")
        row = rows.get(call_id, {})
        if row.get("recording", {}).get("sha256") != content:
            found.broke("C4", f"{call_id}: the row does not lead to its recording")
    for content, number in by_content.items():
        if content not in wanted.values():
            found.broke("C4", f"{number} objects in the bucket are nobody's recording")


def _clicks(found: Score, sender: list[Line], rows: dict[str, Line]) -> None:
    done = Counter(line["effect"] for line in sender if line["kind"] == "effect")
    found.dialled = done.total()
    asked = {line["effect"] for line in sender if line["kind"] == "asked"}
    notes = {row["facts"]["texts"].get("note", [None, None])[1] for row in rows.values()}
    for click in (line for line in sender if line["kind"] == "click"):
        effect = click["effect"]
        asked.add(effect)
        well = any(answer in _DONE for answer in click["answers"])
        if done[effect] == 0 and well and click["surely"]:
            found.broke("C5", f"{click['request']}: said to be done, and was not: {effect}")
        if click["what"] == "outcome" and well and effect.removeprefix("outcome ") not in notes:
            found.broke("C1", f"{click['request']}: an outcome was saved, and no call has it: {effect}")
    for effect, number in done.items():
        if number > 1:
            found.broke("C5", f"{effect}: done {number} times")
        if effect not in asked:
            found.broke("C5", f"{effect}: nobody asked for it")


def _lines(path: Path) -> Iterator[Line]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


INVARIANTS = ("C1", "C2", "C3", "C4", "C5", "rest")
_MEANING = {
    "C1": "acknowledged events kept",
    "C2": "calls in the CRM, as their provider tells them",
    "C3": "no call, caller or message twice in the CRM",
    "C4": "recordings archived once, byte for byte",
    "C5": "nothing dialled, sent or saved twice",
    "rest": "everything came to rest",
}


def table(found: Score) -> str:
    """The score as a Markdown table."""
    of = {
        "C1": found.events,
        "C2": found.logged,
        "C3": found.logged + found.messages,
        "C4": found.recordings,
        "C5": found.dialled,
    }
    lines = ["| invariant | checked | broken |", "| --- | ---: | ---: |"]
    lines += [
        f"| {name} {_MEANING[name]} | {of.get(name, found.calls)} | {len(found.broken[name])} |" for name in INVARIANTS
    ]
    seeds = (
        f"{found.seeds[0]}"
        if len(found.seeds) == 1
        else f"{found.seeds[0]} … {found.seeds[-1]} ({len(found.seeds)} runs)"
    )
    lines += ["", f"Calls: {found.calls}. Seed: {seeds}. Faults injected: {found.injected}.", ""]
    lines += ["| fault | injected |", "| --- | ---: |"]
    lines += [f"| {kind.replace('_', ' ')} | {number} |" for kind, number in sorted(found.faults.items())]
    return "\n".join(lines)


def main() -> int:
    whole = Score()
    for name in sys.argv[1:]:
        whole = whole.added(score(Path(name)))
    print(table(whole))
    for invariant, broken in whole.broken.items():
        for what in broken[:20]:
            print(f"BROKEN {invariant}: {what}")
    return 0 if whole.holds else 1


if __name__ == "__main__":
    raise SystemExit(main())
