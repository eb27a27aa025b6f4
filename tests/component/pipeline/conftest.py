"""The real functions behind the real routes, on embedded AWS, beside the simulators."""

import json
import time
import uuid

import pytest
import requests

from simulators.virtualats_exchange import CallScript
from simulators.virtualats_webhooks import DeliveryPolicy

QUICK = CallScript(outcome="ANSWERED", ring_after=0.05, ring_seconds=0.2, talk_seconds=1)


class Company:
    """One company on the sandbox: its API as the acting user, its PBX, its messenger, its CRM."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.pbx = sandbox.simulators["virtualats"]
        self.wapcrm = sandbox.simulators["wapcrm"]
        self.zoho = sandbox.simulators["zoho"]
        # A call of its own for each test: an equal event within five minutes is dropped by the queue, as it should be.
        self.provider_id = uuid.uuid4().hex
        self.call_id = f"virtualats:{self.provider_id}"
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {sandbox.ready['agent_token']}"
        self.session.headers["X-Crm-User"] = "ayse@example.com"
        # What the tests read; the company itself speaks Turkish.
        self.session.headers["Accept-Language"] = "en"

    def get(self, path, **how):
        return self.session.get(self.sandbox.url + path, timeout=30, **how)

    def post(self, path, body, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.session.post(self.sandbox.url + path, json=body, headers=named, timeout=30)

    def webhook(self, content, *, token=None, headers=None):
        url = self.sandbox.ready["webhooks"]["virtualats"]
        if token:
            url = url.rpartition("/")[0] + f"/{token}"
        body = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
        return requests.post(
            url, data=body, headers={"content-type": "application/json", **(headers or {})}, timeout=30
        )

    def event(self, **fields):
        """A VirtualATS call object as the document prints it, with the key its CRM system expects."""
        return {
            "apiKey": self.sandbox.secrets["virtualats"]["crm_api_key"],
            "callDate": "1.01.2026 10:05:36+0300",
            "callerId": "Hüseyn  <994557967473>",
            "callId": self.provider_id,
            "source": "994557967473",
            "destination": "994124886606",
            "answeredNumber": "101",
            "duration": "75",
            "talkTime": "50",
            "direction": "INBOUND",
            "disposition": "ANSWERED",
            "recordConversation": "",
            "state": "HANGUP",
            **fields,
        }

    def dials(self):
        return self.pbx.requests.to("/call/originate")

    def row(self, pk):
        table = self.sandbox.ready["table"]
        key = {"pk": {"S": pk}, "sk": {"S": "-"}}
        return self.sandbox.root.dynamodb.get_item(TableName=table, Key=key).get("Item")

    def ended(self, call_id):
        return self.until(lambda: self.get(f"/calls/{call_id}").json(), lambda call: call.get("state") == "ended")

    def logged(self, call_id=None):
        """The CRM's records of one call, once there is one."""
        wanted = call_id or self.call_id

        def look():
            return [call for call in self.zoho.calls() if call["Santral_Call_ID"] == wanted]

        return self.until(look, bool)

    def settle(self):
        """Wait until the PBX has told all it has to tell and everything told is worked off."""
        self.until(self.pbx.exchange.calls, lambda calls: all(call.state == "HANGUP" for call in calls), seconds=30)
        self.sandbox.wait_until_idle()

    def until(self, look, happened, seconds=20):
        """Look until something happened, and return what was seen then."""
        give_up_at = time.monotonic() + seconds
        while not happened(seen := look()):
            assert time.monotonic() < give_up_at, f"did not happen within {seconds} s: {seen}"
            time.sleep(0.1)
        return seen


@pytest.fixture
def company(fresh_sandbox):
    company = Company(fresh_sandbox)
    company.pbx.use_script(QUICK)
    company.pbx.use_delivery(DeliveryPolicy())
    yield company
    company.settle()
