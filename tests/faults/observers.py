"""What the three observers saw, each in a file of its own: JSON lines that know nothing of each other.

`sender.jsonl` is the providers' side: their calls and messages, every delivery and its answer, what was pressed and
what was done there for it. `crm.jsonl` is every commit in the CRM, also where its answer was lost. `table.jsonl` is our
side: rows, messages still waiting, objects in the bucket. `run.json` says what the run was and its troubles.
"""

import json
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from simulators.virtualats_exchange import ExchangeCall
from simulators.zoho import ZohoCrm
from tests.faults.lines import KNOWN_CALLERS, seen_by_virtualats
from tests.faults.world import World

Line = dict[str, Any]
KEPT = ("CALL#", "MESSAGE#", "QUARANTINE#", "INTENT#")


def observe(world: World, folder: Path) -> None:
    """Write what the observers of a world saw."""
    write(folder / "sender.jsonl", seen_by_providers(world))
    write(folder / "crm.jsonl", commits_seen_by_crm(world.zoho))
    waiting = [
        {"kind": "message", "queue": queue.name, "body": json.loads(message.body), "dead": message in queue.dead}
        for queue in (world.events, world.recordings)
        for message in (*queue.messages.values(), *queue.dead)
    ]
    objects = [
        {"kind": "object", "key": key, "size": len(content), "sha256": sha256(content).hexdigest()}
        for key, (_, content) in world.bucket.objects.items()
    ]
    write(folder / "table.jsonl", [*rows(world.table.rows.values()), *waiting, *objects])
    describe(folder, seed=world.seed, calls=world.placed, faults=dict(world.troubles.injected), case=repr(world.case))


def seen_by_providers(world: World) -> list[Line]:
    with world.in_place():
        of_pbx = world.pbx_line.calls()
        known = {call["call_id"] for call in of_pbx}
        calls = [{"kind": "call", **call, "wanted": _wanted(world, call), **_conversation_of(call)} for call in of_pbx]
        messages: list[Line] = []
        if world.wapcrm:
            calls += [
                {"kind": "call", **call, "wanted": world.case.wapcrm == "calls"} for call in world.wapcrm.calls(known)
            ]
            messages = world.wapcrm.messages()
    for message in messages:
        message["known"] = message["number"] == KNOWN_CALLERS[0]
    effects = [{"kind": "effect", "effect": effect} for line in world.lines for effect in line.effects()]
    asked = [{"kind": "asked", "effect": effect} for effect in sorted(world.asked)]
    book = [entry for line in world.lines if line.sender for entry in line.sender.book]
    return [*calls, *messages, *book, *world.clicks, *asked, *effects]


def _wanted(world: World, call: Line) -> bool:
    if call.get("campaign") and not world.case.campaign_calls:
        return False
    return call["ended"] and call["direction"] != "internal"


def _conversation_of(call: Line) -> Line:
    # WapCRM keeps conversations about a call under the id it has at the PBX.
    return {"also": ["wapcrm:" + call["call_id"].partition(":")[2]]}


def call_seen_by_pbx(call: ExchangeCall, audio: bytes | None) -> Line:
    """A call of VirtualATS, in a world of its own."""
    seen = seen_by_virtualats(call, audio)
    return {"kind": "call", **seen, "wanted": seen["ended"] and seen["direction"] != "internal"}


def commits_seen_by_crm(zoho: ZohoCrm) -> list[Line]:
    return [{"kind": "commit", **commit.as_json()} for commit in zoho.commits]


def rows(table_rows: Iterable[Line]) -> list[Line]:
    return [{"kind": "row", **row} for row in table_rows if row["pk"].startswith(KEPT)]


def describe(folder: Path, *, seed: int, calls: int, faults: dict[str, int], case: str) -> None:
    told = {
        "seed": seed,
        "calls": calls,
        "case": case,
        "faults": faults,
        "commit": commit_of_source(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
    }
    (folder / "run.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def write(path: Path, lines: Iterable[Line]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line, ensure_ascii=False, default=str) + "\n" for line in lines)


def commit_of_source() -> str:
    told = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent,
    )
    return told.stdout.strip() or "unknown"
