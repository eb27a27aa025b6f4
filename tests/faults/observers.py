"""What the three observers saw, each in a file of its own: JSON lines that know nothing of each other.

`sender.jsonl` is the PBX's side: its calls, every delivery and its answer, the clicks and what was dialled.
`crm.jsonl` is every commit in the CRM, also where its answer was lost. `table.jsonl` is our side: rows, messages still
waiting, objects in the bucket. `run.json` says what the run was and which troubles it met.
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
from tests.faults.world import World

Line = dict[str, Any]


def observe(world: World, folder: Path) -> None:
    """Write what the observers of a world saw."""
    audio = world.pbx.exchange.audio
    with world.in_place():
        calls = [call_seen_by_pbx(call, audio(call.recording_id)) for call in world.pbx.exchange.calls()]
    write(folder / "sender.jsonl", [*calls, *world.sender.book, *world.clicks])
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


def call_seen_by_pbx(call: ExchangeCall, audio: bytes | None) -> Line:
    return {
        "kind": "call",
        "call_id": call.call_id,
        "direction": call.direction,
        "source": call.source,
        "destination": call.destination,
        "disposition": call.disposition,
        "talk_seconds": call.talk_seconds,
        "ended": call.ended_at is not None,
        "recording_sha256": sha256(audio).hexdigest() if audio else None,
    }


def commits_seen_by_crm(zoho: ZohoCrm) -> list[Line]:
    return [{"kind": "commit", **commit.as_json()} for commit in zoho.commits]


def rows(table_rows: Iterable[Line]) -> list[Line]:
    return [{"kind": "row", **row} for row in table_rows if row["pk"].startswith(("CALL#", "QUARANTINE#", "INTENT#"))]


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
