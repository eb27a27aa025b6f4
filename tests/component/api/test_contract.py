"""The running API holds its own description: every route gets generated requests, right and wrong ones.

SANTRAL_CONTRACT_CASES are drawn for each route; `make contract` draws more, and tries the bounds of every field.
"""

import os
import zlib
from collections import Counter

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS

from sandbox.openapi import FILE

CASES = int(os.environ.get("SANTRAL_CONTRACT_CASES", "4"))
THOROUGH = "SANTRAL_CONTRACT_CASES" in os.environ
PATIENCE = 40
DESCRIPTION = schemathesis.openapi.from_path(FILE)
DESCRIPTION.config.phases.coverage.enabled = THOROUGH
# To a method no route has the gateway answers 404, where others say 405: that has its own test below.
DESCRIPTION.config.phases.coverage.unexpected_methods = set()
CHECKED = CHECKS.get_by_names(
    [
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
PHONE = "0532 123 45 67"
answers = Counter()


@pytest.fixture(scope="module")
def unthrottled(sandbox):
    """The sandbox without the gateway's throttles: a refusal to listen holds nothing."""
    kept = dict(sandbox._gateway._buckets)
    sandbox._gateway._buckets.clear()
    yield sandbox
    sandbox._gateway._buckets.update(kept)


@pytest.fixture(scope="module")
def api(unthrottled):
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {unthrottled.ready['admin_token']}"
        session.headers["X-Crm-User"] = "ayse@example.com"
        yield session


@pytest.fixture(scope="module")
def known(unthrottled, api):
    """What there is, by the names of fields: what is made up alone would seldom get beyond a refusal."""

    def made(path, name, body):
        answer = api.post(unthrottled.url + path, json=body, timeout=PATIENCE)
        assert answer.ok, answer.text
        return answer.json()[name]

    period = {"start_date": "2026-12-01", "end_date": "2036-12-01", "start_time": "09:00", "end_time": "18:00"}
    # Verimor asks at a campaign's address before it answers: a function that starts cold on a busy machine is late.
    results = unthrottled.ready["webhooks"]["verimor"].replace("/calls/", "/campaigns/")
    assert requests.post(results, json={}, timeout=PATIENCE).ok
    menu = {"announcement_id": "128", "targets": {"2": "hangup/hangup"}, "caller_id": "902129630131"}
    ivr = {"name": "Randevu", "kind": "ivr", "provider": "verimor", **menu}
    queue = {"name": "Anket", "kind": "queue", "provider": "kobikom", "queue": "10001", "retries": 1, **period}
    telephony = ("virtualats", "kobikom", "verimor")
    return {
        "call_id": [made("/calls", "call_id", {"to": PHONE, "provider": provider}) for provider in telephony],
        "message_id": [made("/messages", "message_id", {"to": PHONE, "text": "Merhaba"})],
        "campaign_id": [
            made("/campaigns", "campaign_id", {**ivr, "contacts": [{"phone": PHONE}]}),
            made("/campaigns", "campaign_id", {**queue, "contacts": [{"phone": PHONE}]}),
        ],
        "apiKey": [unthrottled.secrets["virtualats"]["crm_api_key"]],
        "provider": [*telephony, "wapcrm"],
        **{name: [PHONE, "+994 55 796 74 73"] for name in ("to", "phone", "from_number", "to_number")},
        **{name: ["101", "102"] for name in ("extension", "to_extension", "from_extension", "fallback_extension")},
        "agent": ["me", "1001", "101"],
        "queue": ["10000", "201"],
        "break_id": ["2"],
        "result_id": [23],
        "X-Crm-User": ["ayse@example.com", "leyla@example.com"],
    }


def with_known(case, known):
    """Put what there is in the place of about half the made-up values, the same at each run."""
    for fields in (case.path_parameters, case.query, case.headers, case.body if isinstance(case.body, dict) else None):
        for name in known.keys() & (fields or {}).keys():
            chance = zlib.crc32(repr((name, fields[name], case.path_parameters, case.query, case.body)).encode())
            if chance % 2:
                fields[name] = known[name][chance // 2 % len(known[name])]


@DESCRIPTION.parametrize()
@settings(max_examples=CASES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_the_description_tells_of(case, unthrottled, api, known):
    tokens = next((it["webhook_tokens"] for name, it in unthrottled.secrets.items() if f"/{name}/" in case.path), [])
    with_known(case, {**known, "token": tokens or ["none"]})
    answer = case.call(
        unthrottled.url,
        headers={"Authorization": api.headers["Authorization"]},
        timeout=PATIENCE,
        allow_redirects=False,
    )
    answers[case.operation.label, answer.status_code] += 1
    case.validate_response(answer, checks=CHECKED)
    # Nothing outside is broken, so of what may fail outside there is only the providers' own limit of requests.
    assert answer.status_code < 500 or answer.json().get("code") == "busy", answer.text


@pytest.mark.parametrize("path", sorted({operation.ok().path for operation in DESCRIPTION.get_all_operations()}))
def test_a_method_that_is_not_described_leads_nowhere(unthrottled, api, path):
    described = {operation.ok().method for operation in DESCRIPTION.get_all_operations() if operation.ok().path == path}
    # What stands in a variable leads to no other route.
    url = unthrottled.url + path.replace("{", "~").replace("}", "")
    for method in {"get", "post", "put", "patch", "delete", "head", "options"} - described:
        answer = api.request(method, url, timeout=PATIENCE)

        assert answer.status_code == 404
        assert method == "head" or answer.json() == {"message": "Not Found"}


@pytest.mark.parametrize("operation", [it.ok() for it in DESCRIPTION.get_all_operations()], ids=lambda it: it.label)
def test_who_may_ask_is_who_the_description_says(unthrottled, operation):
    role = operation.definition.raw["x-role"]
    url = unthrottled.url + operation.path.replace("{", "~").replace("}", "")
    anonymous = requests.request(operation.method, url, timeout=PATIENCE, allow_redirects=False)
    token = {"Authorization": f"Bearer {unthrottled.ready['agent_token']}"}
    agent = requests.request(operation.method, url, headers=token, timeout=PATIENCE) if role == "admin" else None

    assert (anonymous.json() == {"message": "Unauthorized"}) == (role in ("agent", "admin"))
    assert agent is None or (agent.status_code, agent.json()["code"]) == (403, "not_allowed")


def test_every_route_did_something_for_somebody():
    """Requests that never get beyond a refusal would hold but half of the description."""
    asked = {label for label, _ in answers}
    done = {label for label, status in answers if status < 400}
    print(f"\n{sum(answers.values())} cases over {len(asked)} routes; carried out at {len(done)} of them")
    for (label, status), count in sorted(answers.items()):
        print(f"{count:5} {status} {label}")

    assert asked == {operation.ok().label for operation in DESCRIPTION.get_all_operations()}
    # A handful of generated requests to a route may all be refused; of dozens some get through.
    assert not THOROUGH or (sum(answers.values()) >= 2000 and len(done) >= 0.8 * len(asked))
