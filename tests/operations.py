"""Every operation of every provider's document: the method that does it, the route behind which it stands, its tests.

`docs/providers.md` and the matrix in README.md are written from here and from the registry: python -m tests.operations
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from santral.providers.registry import PROVIDERS, Ability, can

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "providers.md"
README = ROOT / "README.md"
BEGIN, END = "<!-- matrix: begin -->", "<!-- matrix: end -->"


@dataclass(frozen=True)
class Operation:
    """`name` as the document names it; `routes` of the HTTP API and the workers behind which it stands."""

    provider: str
    name: str
    method: str
    routes: str

    @property
    def key(self) -> str:
        return f"{self.provider} {self.name}"


def _of(provider: str, text: str) -> Iterator[Operation]:
    for line in text.strip().splitlines():
        name, method, routes = (part.strip() for part in line.split("|"))
        yield Operation(provider, name, method, routes)


OPERATIONS = (
    *_of(
        "virtualats",
        """
        call/originate | dial | POST /calls
        call/create | dial | POST /calls with wait
        call/hangup | hang_up | POST /calls/{call_id}/hangup
        callRecord/history | history | reconcile_calls, GET /calls?source=provider
        account/list | extensions | GET /extensions, GET /status
        storageFile/download | recording | archive_recording
        CRM notification | events | POST /webhooks/virtualats/{token}
        """,
    ),
    *_of(
        "kobikom",
        """
        createCampaign | create_campaign | POST /campaigns
        deleteCampaign | delete_campaign | DELETE /campaigns/{campaign_id}
        listQueue | queues | GET /queues, GET /status
        createQueue | create_queue | POST /queues
        deleteQueue | delete_queue | DELETE /queues/{queue}
        queueAgents | queue_agents | GET /queues/{queue}/agents
        loginAgent | log_in | POST /agents/{agent}/login
        logoutAgent | log_out | POST /agents/{agent}/logout
        agentsQueue | add_queue_agents | POST /queues/{queue}/agents, DELETE /queues/{queue}/agents/{agent}
        activeCallsCallCenter | live_calls | GET /calls/live, poll_live_calls
        activeCalls | live_calls | GET /calls/live, poll_live_calls, before hang-up and transfer
        callRecords | history | reconcile_calls, GET /calls?source=provider
        soundRecords | history | reconcile_calls
        downloadRecording | recording | archive_recording
        getCallDetail | campaign_results | GET /campaign-results
        campaignAddPhone | add_contact | POST /campaigns, POST /campaigns/{campaign_id}/contacts
        campaignDeletePhone | remove_contact | DELETE /campaigns/{campaign_id}/contacts/{phone}
        breakList | breaks | GET /breaks
        breakStart | start_break | POST /agents/{agent}/break
        breakEnd | end_break | DELETE /agents/{agent}/break
        dial | dial | POST /calls
        redirect | transfer_extension | POST /calls/{call_id}/transfer
        hangup | hang_up_extension | POST /calls/{call_id}/hangup
        """,
    ),
    *_of(
        "verimor",
        """
        originate | dial | POST /calls
        hangup | hang_up | POST /calls/{call_id}/hangup
        transfer | transfer | POST /calls/{call_id}/transfer
        mute | mute | POST /calls/{call_id}/mute
        cdrs | history | reconcile_calls, GET /calls?source=provider
        cdrs detail | call | none
        recording_url | recording | archive_recording
        queues | queues | GET /queues
        queue/user_list | queue_agents | GET /queues/{queue}/agents
        queue/manage_users | replace_queue_agents | POST /queues/{queue}/agents, DELETE /queues/{queue}/agents/{agent}
        queues/pending | waiting_calls | GET /queues/{queue}/waiting
        agent_statuses | extensions | GET /extensions
        user_statuses | extensions | GET /extensions
        caller_ids | caller_ids | GET /caller-ids, GET /status
        announcements | announcements | GET /announcements
        crm_integrations GET | webhook_settings | none
        crm_integrations POST | send_webhooks_to | none
        call event webhook | events | POST /webhooks/verimor/calls/{token}
        ivr_campaigns POST | create_campaign | POST /campaigns
        ivr_campaigns DELETE | delete_campaign | DELETE /campaigns/{campaign_id}
        ivr_campaigns PATCH | switch_campaign | PATCH /campaigns/{campaign_id}
        ivr_campaigns result webhook | events | POST /webhooks/verimor/campaigns/{token}
        """,
    ),
    *_of(
        "wapcrm",
        """
        users | users | GET /message-users, GET /status
        Instances | channels | GET /message-channels
        chatoperation | send | POST /messages
        messagelistforphone | messages | GET /messages
        conversations | history | reconcile_calls, GET /calls?source=provider
        callresults | outcomes | GET /call-outcomes
        addconversation | save_outcome | POST /calls/{call_id}/outcome
        message webhook | events | POST /webhooks/wapcrm/{token}
        """,
    ),
)


def held_by() -> dict[str, list[str]]:
    """Return the tests that hold each operation's request on the wire, as `file::test`."""
    found: dict[str, list[str]] = {}
    for file in sorted((ROOT / "tests" / "unit" / "santral" / "providers").rglob("test_*.py")):
        names: list[str] = []
        for line in file.read_text(encoding="utf-8").splitlines():
            if mark := re.match(r'@pytest\.mark\.operation\("([^"]+)"\)', line):
                names.append(mark[1])
            elif test := re.match(r"def (test_\w+)", line):
                for name in names:
                    found.setdefault(name, []).append(f"{file.relative_to(ROOT)}::{test[1]}")
                names = []
    return found


def page() -> str:
    """Return docs/providers.md."""
    tests = held_by()
    lines = [
        "# Providers and their operations",
        "",
        "Written by `python -m tests.operations` from the table in `tests/operations.py` and the tests; do not edit.",
        "A test named here holds the exact request on the wire and what becomes of the answer.",
    ]
    for provider in dict.fromkeys(operation.provider for operation in OPERATIONS):
        lines += ["", f"## {provider}", "", "| operation | method | behind | test |", "|---|---|---|---|"]
        for operation in OPERATIONS:
            if operation.provider == provider:
                held = "<br>".join(f"`{test.rsplit('/', 1)[-1]}`" for test in tests.get(operation.key, []))
                lines.append(f"| `{operation.name}` | `{operation.method}` | {operation.routes} | {held} |")
    return "\n".join(lines) + "\n"


def matrix() -> str:
    """Return the README's table of who can do what."""
    names = list(PROVIDERS)
    rows = [f"| | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    rows += [
        f"| {ability} | {' | '.join('✓' if can(name, ability) else '' for name in names)} |" for ability in Ability
    ]
    return "\n".join(rows)


def readme() -> str:
    """Return README.md with its matrix as it is now."""
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    return f"{before}{BEGIN}\n{matrix()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    README.write_text(readme(), encoding="utf-8")
