"""An authorisation that may not read the settings still logs calls."""

import json

import pytest

from santral.calls import CallEvent, CallState, Direction, Disposition
from santral.crm.call_log import check
from santral.telephony.outbox import record
from simulators.faults import Status
from simulators.zoho import Layout, ZohoCrm
from tests.fakes import Clock, MemorySecrets, make_tenant
from tests.fakes.in_process import connect, zoho_secret

SCOPE_MISSING = json.dumps({"code": "OAUTH_SCOPE_MISMATCH", "details": {}, "message": "invalid", "status": "error"})
NO_PERMISSION = json.dumps({"code": "NO_PERMISSION", "details": {}, "message": "no", "status": "error"})


@pytest.fixture
def logging_into():
    def into(zoho: ZohoCrm):
        tenant = make_tenant(
            clock=zoho_clock,
            secrets=MemorySecrets(zoho=zoho_secret(zoho), permalinks={"keys": {"k1": "permalink-signing-key"}}),
        )
        connect(tenant, zoho)
        return tenant

    zoho_clock = Clock()
    into.clock = zoho_clock
    return into


@pytest.fixture
def call_event():
    """A finished call from outside, told a moment ago."""

    def make(tenant):
        return CallEvent(
            call_id="virtualats:1",
            provider="virtualats",
            state=CallState.ENDED,
            direction=Direction.INBOUND,
            disposition=Disposition.ANSWERED,
            from_="+905321234567",
            talk_seconds=5,
            started_at=tenant.clock(),
        )

    return make


@pytest.mark.parametrize(
    "fault", [Status(code=401, body=SCOPE_MISSING), Status(code=403, body=NO_PERMISSION)], ids=["scope", "permission"]
)
@pytest.mark.parametrize("field", ["unique", "absent"])
def test_calls_are_logged_by_the_usual_layout_and_status_says_so(logging_into, call_event, fault, field):
    zoho = ZohoCrm(clock=logging_into.clock, layout=Layout(call_id_field=field))
    zoho.faults.add("/settings/fields", fault, times=None)
    tenant = logging_into(zoho)

    record(tenant, call_event(tenant))
    record(tenant, call_event(tenant))

    assert len(zoho.calls()) == 1
    assert "may not be read" in check(tenant)
