"""What a version leaves for the next one: rows of each kind in the table, and messages of each kind in the queue.

At a release: PYTHONPATH=layers/santral:. python -m tests.upgrade.record; it writes <version>.json beside this file.
"""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import santral
from santral.calls import CallEvent, CallState, Direction, Disposition, RecordLink
from santral.campaigns import CampaignResultEvent
from santral.messages import MessageEvent, MessageState
from santral.messaging import arriving
from santral.store.calls import Entry
from santral.store.directory import User
from santral.store.intents import Intent, IntentState
from santral.telephony import campaign_results
from santral.telephony.outbox import fold, pay
from simulators.faults import Status
from simulators.zoho import ZohoCrm
from tests.fakes import Clock, MemorySecrets, make_tenant
from tests.fakes.in_process import connect, zoho_secret

RINGING, LOGGED, OWED, ERASED = (f"virtualats:{name}" for name in ("ringing", "logged", "owed", "erased"))
DIALLED = "kobikom:dial-0123456789abcdef0123456789abcdef"
ALIAS = "wapcrm:logged"
MESSAGE = "wapcrm:message-1"
INTENT = Intent(route="POST /calls", key="click-1", request="digest", seconds=86_400)


def event(clock: Clock, call_id: str, state: CallState, **told: Any) -> CallEvent:
    """Return what is told of an inbound call that began a minute ago."""
    known = {
        "call_id": call_id,
        "provider": "virtualats",
        "state": state,
        "direction": Direction.INBOUND,
        "from_": "905321234567",
        "to": "902121112233",
        "extension": "101",
        "started_at": clock() - timedelta(minutes=1),
    }
    return CallEvent(**{**known, **told})


def ended(clock: Clock, call_id: str, **told: Any) -> CallEvent:
    """Return that such a call is over, answered, and has a recording."""
    over = {"ended_at": clock(), "ring_seconds": 10, "talk_seconds": 45, "recording_ref": "12345"}
    return event(clock, call_id, CallState.ENDED, disposition=Disposition.ANSWERED, **{**over, **told})


def recorded() -> dict[str, Any]:
    """Live through a little of everything, and return what stands in the table and the queue then."""
    clock = Clock()
    zoho = ZohoCrm(clock=clock)
    secrets = MemorySecrets(permalinks={"keys": {"k1": "permalink-signing-key"}}, zoho=zoho_secret(zoho))
    tenant = make_tenant(clock=clock, secrets=secrets)
    connect(tenant, zoho)
    tenant.directory.remember(User(email="ayse@example.com", extensions={"virtualats": ("101",)}, language="tr"))
    held = tenant.intents.begin(INTENT)
    tenant.intents.finish(INTENT, held, IntentState.DONE, status=202, body='{"call_id": "virtualats:1"}')
    for told in (event(clock, RINGING, CallState.RINGING), ended(clock, LOGGED), ended(clock, ERASED)):
        pay(tenant, [fold(tenant, told)])
    tenant.calls.erase(ERASED)
    tenant.calls.remember_alias(ALIAS, LOGGED)
    link = RecordLink(module="Leads", id="4876876000000333001", name="Elif")
    dialled = event(clock, DIALLED, CallState.REQUESTED, provider="kobikom", direction=Direction.OUTBOUND)
    asked = Entry(call_id=DIALLED, first_seen_at=clock()).told(dialled)
    tenant.calls.add(asked.having(record=link, acting_user="ayse@example.com"))
    zoho.faults.add("/crm/", Status(code=503), times=None)
    pay(tenant, [fold(tenant, ended(clock, OWED, recording_ref=None))])
    written = MessageEvent(
        message_id=MESSAGE,
        provider="wapcrm",
        state=MessageState.RECEIVED,
        direction=Direction.INBOUND,
        phone="905321234567",
        text="Merhaba",
        sent_at=clock(),
    )
    arriving.take(tenant, written)
    result = CampaignResultEvent(
        provider="verimor",
        campaign_id="verimor:131",
        notification_id="5",
        lead_id="1878",
        phone="905321234567",
        status="Başarılı",
        disposition=Disposition.ANSWERED,
        told_at=clock(),
    )
    campaign_results.take(tenant, result)
    # They look like real ones, and the next CRM knows neither.
    tenant.table.rows["TOKEN#zoho"] |= {"access_token": "recorded", "fingerprint": "recorded"}
    calls = [RINGING, LOGGED, OWED, ERASED, DIALLED, ALIAS]
    return {
        "version": santral.__version__,
        "rows": tenant.table.rows,
        "queued": [
            ended(clock, RINGING).written(),
            written.model_copy(update={"message_id": "wapcrm:message-2", "text": "Tekrar merhaba"}).written(),
            result.model_copy(update={"notification_id": "6", "lead_id": "1879", "phone": "905321234568"}).written(),
        ],
        "shown": {it: tenant.calls.get(it).as_call().model_dump(mode="json", by_alias=True) for it in calls},
    }


if __name__ == "__main__":
    left = recorded()
    text = json.dumps(left, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    Path(__file__).with_name(f"{left['version']}.json").write_text(text, encoding="utf-8")
