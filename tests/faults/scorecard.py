"""The score of a run, from the observers' files alone: `python -m tests.faults.scorecard FOLDER ...`.

C1  what the PBX was told is safe is folded, still waiting, or quarantined, and nothing it told is missing from the row
C2  every call the PBX knows is in the CRM, unless it is of the kind that never is, and says there what the PBX says
C3  no call has two records in the CRM, no caller two leads
C4  every recording is in the bucket once, byte for byte
C5  no click dialled twice
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
_CALL_ID = re.compile(r"virtualats:[A-Za-z0-9._-]+")


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
        for name in ("calls", "events", "logged", "recordings", "dialled", "pending"):
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
    rows = {line["call_id"]: line for line in ours if line["kind"] == "row" and line["pk"].startswith("CALL#")}
    waiting = Counter(line["body"]["call_id"] for line in ours if line["kind"] == "message")
    records = _records(crm)
    found.calls = len(calls)
    found.pending = waiting.total() + sum(bool(row.get("owed")) for row in rows.values())
    if found.pending:
        found.broke("rest", f"{found.pending} messages or rows still wait although nothing is wrong any more")
    _conservation(found, sender, rows, waiting)
    _completeness(found, calls, records)
    _once(found, records, crm)
    _recordings(found, calls, rows, [line for line in ours if line["kind"] == "object"])
    _clicks(found, calls, [line for line in sender if line["kind"] == "click"])
    return found


def _conservation(found: Score, sender: list[Line], rows: dict[str, Line], waiting: Counter[str]) -> None:
    told: dict[str, dict[str, Line]] = defaultdict(dict)
    for line in sender:
        if line["kind"] == "delivery" and line["status"] is not None and 200 <= line["status"] < 300:
            told[line["call_id"]][line["event"]] = line["told"]
    for call_id, events in told.items():
        found.events += len(events)
        row = rows.get(f"virtualats:{call_id}")
        if row is None:
            if not waiting[f"virtualats:{call_id}"]:
                found.broke("C1", f"{call_id}: acknowledged {len(events)} times, and nothing of it is kept")
        elif not waiting[f"virtualats:{call_id}"]:
            for name, value in _undisputed(events.values()).items():
                kept = row["facts"]["texts"].get(name, [None, None])[1]
                if kept is None or value not in kept:
                    found.broke("C1", f"{call_id}: {name} was told and acknowledged, and the row lacks it")


def _undisputed(events: Iterable[Line]) -> Line:
    """What some event told and none told otherwise."""
    values: dict[str, set[str]] = defaultdict(set)
    for event in events:
        reference = event["recordConversation"].strip().rsplit("/", 1)[-1]
        name = event["callerId"].partition("<")[0].strip() if event["direction"] == "INBOUND" else ""
        internal = len(event["source"]) <= _EXTENSION_DIGITS and len(event["destination"]) <= _EXTENSION_DIGITS
        told = (
            ("caller_name", "" if internal else name),
            ("extension", event["answeredNumber"]),
            ("recording_ref", reference),
        )
        for field_name, value in told:
            if value:
                values[field_name].add(value)
    return {name: next(iter(told)) for name, told in values.items() if len(told) == 1}


def _records(crm: list[Line]) -> dict[str, dict[str, Line]]:
    """The CRM's records of calls, by call and record id, with all that was ever written into them."""
    owner: dict[str, str] = {}
    records: dict[str, dict[str, Line]] = defaultdict(dict)
    for commit in crm:
        if commit["module"] != "Calls":
            continue
        if commit["action"] == "insert":
            owner[commit["id"]] = _call_of(commit)
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
        logged = list(records.get(f"virtualats:{call_id}", {}).values())
        internal = len(call["source"]) <= _EXTENSION_DIGITS and len(call["destination"]) <= _EXTENSION_DIGITS
        if internal or not call["ended"]:
            if logged:
                found.broke("C2", f"{call_id}: logged although it never should be")
            continue
        if not logged:
            found.broke("C2", f"{call_id}: the PBX knows it, the CRM does not")
            continue
        found.logged += 1
        wanted = _as_crm_says(call)
        wrong = [name for name, value in wanted.items() if logged[0].get(name) != value]
        if wrong:
            found.broke("C2", f"{call_id}: the CRM says something else in {', '.join(wrong)}")
    for call_id in records:
        if call_id.removeprefix("virtualats:") not in calls:
            found.broke("C2", f"{call_id}: the CRM knows a call the PBX does not")


def _as_crm_says(call: Line) -> Line:
    answered = call["disposition"] == "ANSWERED"
    if call["direction"] == "INBOUND" and not answered:
        return {"Call_Type": "Missed"}
    minutes, seconds = divmod(call["talk_seconds"] if answered else 0, 60)
    return {
        "Call_Type": "Inbound" if call["direction"] == "INBOUND" else "Outbound",
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
        row = rows.get(f"virtualats:{call_id}", {})
        if row.get("recording", {}).get("sha256") != content:
            found.broke("C4", f"{call_id}: the row does not lead to its recording")
    for content, number in by_content.items():
        if content not in wanted.values():
            found.broke("C4", f"{number} objects in the bucket are nobody's recording")


def _clicks(found: Score, calls: dict[str, Line], clicks: list[Line]) -> None:
    dialled = Counter(call["destination"] for call in calls.values() if call["direction"] == "OUTBOUND")
    found.dialled = dialled.total()
    for click in clicks:
        number = dialled[click["number"]]
        if number > 1:
            found.broke("C5", f"{click['request']}: dialled {number} times")
        if number == 0 and 202 in click["answers"]:
            found.broke("C5", f"{click['request']}: said to be dialled, and was not")


def _lines(path: Path) -> Iterator[Line]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


INVARIANTS = ("C1", "C2", "C3", "C4", "C5", "rest")
_MEANING = {
    "C1": "acknowledged events kept",
    "C2": "calls of the PBX in the CRM, as it tells them",
    "C3": "no call and no caller twice in the CRM",
    "C4": "recordings archived once, byte for byte",
    "C5": "no click dialled twice",
    "rest": "everything came to rest",
}


def table(found: Score) -> str:
    """The score as a Markdown table."""
    of = {"C1": found.events, "C2": found.logged, "C3": found.logged, "C4": found.recordings, "C5": found.dialled}
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
