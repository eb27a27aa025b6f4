from datetime import UTC, datetime

import pytest

from santral import telemetry
from santral.calls import CallEvent, CallState, Direction, Disposition
from santral.store.calls import Entry
from santral.store.directory import User
from santral.telephony.outbox import fold, pay, retry_pending
from santral.zoho.client import RecordRefused
from santral.zoho.layout import Layout
from santral.zoho.objections import Objections
from simulators.zoho import ZohoCrm
from tests.fakes import Clock, MemorySecrets, MemoryTable, make_tenant
from tests.fakes.in_process import connect, zoho_secret

STANDARD = frozenset(
    {
        "Subject",
        "Call_Type",
        "Call_Start_Time",
        "Call_Duration",
        "Who_Id",
        "What_Id",
        "Owner",
        "Description",
        "Voice_Recording__s",
        "Caller_ID",
        "Dialled_Number",
    }
)
LEADS = frozenset({"Last_Name", "Phone", "Company", "Lead_Source", "Owner", "Description"})


class FakeZoho:
    """Zoho as the rules see it: layouts, and an answer per request. `calls` holds what is in the CRM."""

    def __init__(self):
        self.layouts = {
            "Calls": Layout(fields=STANDARD | {"Santral_Call_ID"}, unique={"Santral_Call_ID"}),
            "Leads": Layout(fields=LEADS, unique=(), options={"Lead_Source": ("Web", "Phone")}),
        }
        self.requests = []
        self.refusals = []
        self.rows = []
        self.logged = None
        self.found = {}
        self.objections = Objections(MemoryTable(), clock=Clock())

    def layout(self, module, *, fresh=False):
        return self.layouts[module]

    def described(self, module, field):
        return self.layout(module, fresh=True)

    def request(self, method, path, *, safe, query=None, body=None):
        self.requests.append((method, path, safe, body))
        if path == "/coql":
            return {"data": self.rows} if self.rows else None
        if path == "/__composite_requests":
            return {"__composite_requests": [self._searched(part) for part in body["__composite_requests"]]}
        if method == "GET":
            return {"data": [self.logged]} if self.logged else None
        return {"data": [self._written() for _record in body["data"]]}

    def _written(self):
        refusal = self.refusals.pop(0) if self.refusals else None
        if isinstance(refusal, RecordRefused) and refusal.field:
            details = {"api_name": refusal.field, "id": refusal.existing_id}
            return {"status": "error", "code": refusal.zoho_code, "details": details}
        if refusal:
            raise refusal
        return {"status": "success", "details": {"id": "777"}}

    def _searched(self, part):
        module = part["uri"].split("/")[3]
        answer = self.found.get(module, [])
        if isinstance(answer, dict):
            status, body = 400, answer
        else:
            status, body = (200, {"data": answer}) if answer else (204, None)
        return {"status": "success", "code": "SUCCESS", "details": {"response": {"status_code": status, "body": body}}}

    @property
    def writes(self):
        return [
            (path, body["data"][0])
            for method, path, _safe, body in self.requests
            if method in ("POST", "PUT") and "data" in body
        ]

    @property
    def queries(self):
        return [body["select_query"] for _method, path, _safe, body in self.requests if path == "/coql"]


@pytest.fixture
def zoho():
    return FakeZoho()


@pytest.fixture
def tenant(zoho):
    tenant = make_tenant()
    tenant.zoho = zoho
    tenant.directory.remember(
        User(email="ayse@example.com", extensions={"virtualats": ("101",)}, zoho_user_id="5487001")
    )
    tenant.directory.remember(
        User(email="mehmet@example.com", extensions={"virtualats": ("102",)}, zoho_user_id="5487002")
    )
    tenant.directory.remember(User(email="new@example.com", extensions={"virtualats": ("103",)}))
    return tenant


@pytest.fixture
def call():
    """Return an entry of one event; an answered inbound call where nothing else is told."""

    def make(acting_user=None, **told):
        event = {
            "call_id": "virtualats:abc-1",
            "provider": "virtualats",
            "state": "ended",
            "direction": "inbound",
            "disposition": "answered",
            "from": "05321234567",
            "to": "02125551000",
            "extension": "101",
            "started_at": datetime(2026, 1, 15, 9, 0, 5, 400_000, tzinfo=UTC),
            "talk_seconds": 62,
            **told,
        }
        first_seen_at = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
        entry = Entry(call_id=event["call_id"], first_seen_at=first_seen_at, acting_user=acting_user)
        return entry.told(CallEvent.model_validate(event))

    return make


@pytest.fixture
def org(no_real_waiting):
    """A whole Zoho CRM."""
    return ZohoCrm(clock=Clock())


@pytest.fixture
def company(org):
    """The company whose CRM it is."""
    secrets = MemorySecrets(zoho=zoho_secret(org), permalinks={"keys": {"k1": "permalink-signing-key"}})
    tenant = make_tenant(clock=org.clock, secrets=secrets, public_url="https://phone.example", missed_call_task=True)
    connect(tenant, org)
    return tenant


@pytest.fixture
def ends(company):
    """Let calls end; told together they are written together."""

    def tell(*numbers, **told):
        events = [
            CallEvent(
                **{
                    "call_id": f"virtualats:{number}",
                    "provider": "virtualats",
                    "state": CallState.ENDED,
                    "direction": Direction.INBOUND,
                    "disposition": Disposition.NO_ANSWER,
                    "from_": "+905321234567",
                    "started_at": company.clock(),
                    **told,
                }
            )
            for number in numbers
        ]
        pay(company, [fold(company, event) for event in events])

    return tell


@pytest.fixture
def wait(company):
    def minutes(number):
        for _ in range(number):
            company.clock.pass_seconds(60)
            retry_pending(company, 55)

    return minutes


@pytest.fixture(autouse=True)
def counted():
    """Counters of this test, by name."""
    telemetry._collections.clear()
    yield lambda name: sum(
        sum(collection.metric_set.get(name, {}).get("Value", [])) for collection in telemetry._collections.values()
    )
    telemetry._collections.clear()
