import json

import pytest

from functions.calls.dial import handler
from santral.calls import CallEvent, CallState
from santral.errors import NotConfigured, OutcomeUnknown, Rejected, Unreachable
from santral.providers.ports import DialOrder
from santral.store.directory import User
from tests.fakes.doors import call, http, sample


def test_the_sample_rings_the_acting_users_extension_then_the_customer(tenant, pbx):
    heard = call(handler, sample("calls/dial"))

    assert heard.status == 202
    assert heard.json == {"call_id": f"virtualats:{1:032x}", "provider": "virtualats", "state": "requested"}
    assert pbx.dialled == [DialOrder(to="+905321234567", extension="101")]


def test_the_ledger_knows_the_call_its_record_and_who_asked(tenant):
    call_id = call(handler, sample("calls/dial")).json["call_id"]

    entry = tenant.calls.get(call_id)
    assert (entry.record.module, entry.record.id) == ("Contacts", "4876876000000333001")
    assert entry.acting_user == "ayse@example.com"
    assert entry.as_call().to == "+905321234567"


def test_given_extensions_need_no_user(tenant, pbx):
    assert call(handler, sample("calls/dial_extension_given")).status == 202
    assert pbx.dialled[0].extension == "102"
    assert pbx.dialled[0].fallback_extension == "100"


def test_a_second_click_within_15_seconds_rings_once_and_gets_the_same_answer(tenant, pbx):
    first = call(handler, sample("calls/dial"))
    tenant.clock.pass_seconds(14)
    second = call(handler, sample("calls/dial"))

    assert len(pbx.dialled) == 1
    assert second.json == first.json


def test_the_window_begins_with_the_first_click_not_with_its_answer(tenant, pbx, monkeypatch):
    slow = pbx.dial

    def dial(order):
        tenant.clock.pass_seconds(10)
        return slow(order)

    monkeypatch.setattr(pbx, "dial", dial)
    call(handler, sample("calls/dial"))
    tenant.clock.pass_seconds(6)
    call(handler, sample("calls/dial"))

    assert len(pbx.dialled) == 2


def test_a_click_after_the_window_is_a_new_call(tenant, pbx):
    call(handler, sample("calls/dial"))
    tenant.clock.pass_seconds(16)
    call(handler, sample("calls/dial"))

    assert len(pbx.dialled) == 2


def test_an_idempotency_key_holds_for_a_day_and_refuses_another_body(tenant, pbx):
    event = http("calls/dial", headers={"idempotency-key": "click-1"})
    first = call(handler, event)
    tenant.clock.pass_seconds(23 * 3600)
    again = call(handler, event)
    other = call(handler, http("calls/dial", headers={"idempotency-key": "click-1"}, body={"to": "0533 000 00 00"}))

    assert (first.json, len(pbx.dialled)) == (again.json, 1)
    assert (other.status, other.json["code"]) == (422, "idempotency_mismatch")


def test_an_unknown_outcome_is_final_and_a_second_click_does_not_ring(tenant, pbx):
    pbx.failure = OutcomeUnknown("no answer", system="virtualats")
    first = call(handler, sample("calls/dial"))
    pbx.failure = None
    second = call(handler, sample("calls/dial"))

    assert (first.status, first.json["code"]) == (504, "outcome_unknown")
    assert (second.status, second.json["code"]) == (504, "outcome_unknown")
    assert len(pbx.dialled) == 1


def test_a_crash_after_the_intent_never_rings_again(tenant, pbx):
    pbx.failure = RuntimeError("a defect of ours")
    first = call(handler, sample("calls/dial"))
    pbx.failure = None
    second = call(handler, sample("calls/dial"))

    assert first.status == 500
    assert second.json["code"] == "outcome_unknown"
    assert len(pbx.dialled) == 1


def test_an_intent_that_was_cut_off_reads_as_unknown(tenant, pbx):
    event = http("calls/dial", headers={"idempotency-key": "click-1"})
    call(handler, event)
    [key] = [key for key in tenant.table.rows if key.startswith("INTENT#")]
    tenant.table.rows[key] = {**tenant.table.rows[key], "state": "intent", "began_at": 0, "status": None}

    again = call(handler, event)

    assert (again.status, len(pbx.dialled)) == (504, 1)


def test_while_the_first_is_in_flight_the_second_is_told_so(tenant, pbx, monkeypatch):
    monkeypatch.setattr("santral.api._WAIT_SECONDS", 0)
    event = http("calls/dial", headers={"idempotency-key": "click-1"})
    call(handler, event)
    [key] = [key for key in tenant.table.rows if key.startswith("INTENT#")]
    began_at = int(tenant.clock().timestamp())
    tenant.table.rows[key] = {**tenant.table.rows[key], "state": "intent", "began_at": began_at}

    second = call(handler, event)

    assert (second.status, second.json["code"]) == (409, "in_progress")
    assert second.headers["retry-after"] == "2"


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (Unreachable("refused", system="virtualats"), 503, "unreachable"),
        (Rejected("400", system="virtualats"), 422, "rejected"),
        (NotConfigured("no value"), 422, "not_configured"),
    ],
)
def test_each_failure_has_its_status_code_and_sentence(tenant, pbx, failure, status, code):
    pbx.failure = failure
    heard = call(handler, sample("calls/dial"))

    assert (heard.status, heard.json["code"]) == (status, code)
    assert heard.json["detail"].endswith(".")
    assert heard.headers["content-type"] == "application/problem+json"
    assert heard.json["request_id"] == "sample-request"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"to": "anonymous"}, "to"),
        ({"to": ""}, "to"),
        ({}, "to"),
        ({"to": 5321234567}, "to"),
        ({"to": "0532 123 45 67", "extension": "abc"}, "extension"),
        ({"to": "0532 123 45 67", "extension": "1" * 7}, "extension"),
        ({"to": "0532 123 45 67", "wait": "perhaps"}, "wait"),
        ({"to": "0532 123 45 67", "colour": "red"}, "colour"),
        ({"to": "0532 123 45 67", "record": {"module": "Contacts", "id": "x"}}, "record.id"),
        ({"to": "5" * 65}, "to"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_reaches_the_pbx(tenant, pbx, body, field):
    heard = call(handler, http("calls/dial", body=body))

    assert (heard.status, heard.json["code"]) == (422, "invalid_request")
    assert [error["field"] for error in heard.json["errors"]] == [field]
    assert pbx.dialled == []


@pytest.mark.parametrize(
    ("raw", "headers", "status"),
    [
        (b'{"to": ', {}, 400),
        (b"[]", {}, 400),
        (b'"text"', {}, 400),
        (b"\xff\xfe{}", {}, 400),
        (b'{"to": "1", "to": "2"}', {}, 400),
        (b'{"to": NaN}', {}, 400),
        (b"[" * 100_000, {}, 400),
        (b'{"to": "' + b"5" * 300_000 + b'"}', {}, 413),
        (b'{"to": "0532 123 45 67"}', {"content-type": "text/plain"}, 415),
        (b'{"to": "0532 123 45 67"}', {"content-type": "application/json; charset=iso-8859-9"}, 415),
        (b'{"to": "0532 123 45 67"}', {"idempotency-key": "k" * 256}, 422),
        (b"", {}, 422),
    ],
)
def test_a_body_that_cannot_be_read_is_the_callers_trouble(tenant, pbx, raw, headers, status):
    heard = call(handler, http("calls/dial", raw=raw, headers=headers))

    assert heard.status == status
    assert heard.json["detail"]
    assert pbx.dialled == []


def test_a_body_that_is_not_the_base64_it_claims_to_be_is_malformed(tenant):
    event = {**sample("calls/dial"), "isBase64Encoded": True}

    assert call(handler, event).status == 400


@pytest.mark.parametrize("user", ["nobody@example.com", None])
def test_without_an_extension_a_known_user_is_needed(tenant, pbx, user):
    heard = call(handler, http("calls/dial", headers={"x-crm-user": user}))

    assert (heard.status, heard.json["code"]) in [(422, "unknown_user"), (422, "invalid_request")]
    assert pbx.dialled == []


def test_a_caller_id_this_pbx_cannot_show_is_refused(tenant, pbx):
    heard = call(handler, http("calls/dial", body={"to": "0532 123 45 67", "caller_id": "+902121234567"}))

    assert (heard.status, heard.json["code"]) == (422, "not_supported")


def test_the_providers_first_event_may_be_faster_than_we_are(tenant, pbx):
    early = CallEvent(call_id=f"virtualats:{1:032x}", provider="virtualats", state=CallState.RINGING)
    tenant.calls.change(early.call_id, lambda entry: entry.told(early))

    call(handler, sample("calls/dial"))

    entry = tenant.calls.get(early.call_id)
    assert (entry.facts.state, entry.record.module) == (CallState.RINGING, "Contacts")


def test_a_warm_dial_costs_four_round_trips_to_the_table_and_one_to_the_pbx(tenant, pbx):
    before = tenant.table.reads + tenant.table.writes
    call(handler, sample("calls/dial"))

    assert tenant.table.reads + tenant.table.writes - before == 4
    assert len(pbx.dialled) == 1


def test_a_warm_dial_with_its_extension_given_costs_three(tenant):
    before = tenant.table.reads + tenant.table.writes
    call(handler, sample("calls/dial_extension_given"))

    assert tenant.table.reads + tenant.table.writes - before == 3


def dialled(number, **headers):
    return call(handler, http("calls/dial", body={"to": f"0532 123 45 {number}"}, headers=headers))


def test_beyond_a_users_quota_nothing_rings_until_the_next_hour(tenant, pbx, monkeypatch):
    monkeypatch.setattr(tenant, "settings", tenant.settings.model_copy(update={"dials_per_user_hour": 2}))
    heard = [dialled(number) for number in (60, 61, 62)]

    assert [it.status for it in heard] == [202, 202, 429]
    assert heard[2].json["code"] == "quota_exceeded"
    assert "2 an hour" in heard[2].json["detail"]
    # The clock stands at half past.
    assert heard[2].headers["retry-after"] == "1800"
    tenant.clock.pass_seconds(1800)
    assert dialled(62).status == 202
    assert len(pbx.dialled) == 3


def test_a_double_click_counts_once_and_is_answered_though_the_quota_is_used_up(tenant, pbx, monkeypatch):
    monkeypatch.setattr(tenant, "settings", tenant.settings.model_copy(update={"dials_per_user_hour": 1}))
    first, second = dialled(60), dialled(60)

    assert (first.status, second.status) == (202, 202)
    assert second.json == first.json
    assert [row["counted"] for key, row in tenant.table.rows.items() if key.startswith("QUOTA#")] == [1, 1]


def test_users_do_not_use_up_each_others_quota_but_the_companys(tenant, pbx, monkeypatch):
    limits = {"dials_per_user_hour": 1, "dials_per_day": 2}
    monkeypatch.setattr(tenant, "settings", tenant.settings.model_copy(update=limits))
    for name in ("mehmet", "leyla"):
        tenant.directory.remember(User(email=f"{name}@example.com", extensions={"virtualats": ("102",)}))
    users = ("ayse@example.com", "mehmet@example.com", "leyla@example.com")
    heard = [dialled(60 + number, **{"x-crm-user": user}) for number, user in enumerate(users)]

    assert [it.status for it in heard] == [202, 202, 429]
    assert "2 a day" in heard[2].json["detail"]


def test_what_is_refused_for_another_reason_is_not_counted(tenant):
    call(handler, http("calls/dial", body={"to": "anonymous"}))
    call(handler, http("calls/dial", body={"to": "+90 900 123 45 67"}))

    assert [key for key in tenant.table.rows if key.startswith("QUOTA#")] == []


def test_a_premium_number_is_not_dialled(tenant, pbx):
    heard = call(handler, http("calls/dial", body={"to": "0900 123 45 67"}))

    assert (heard.status, heard.json["code"]) == (422, "destination_not_allowed")
    assert pbx.dialled == []


def test_a_user_longer_than_any_address_is_refused(tenant, pbx):
    heard = call(handler, http("calls/dial", headers={"x-crm-user": "a" * 3000}))

    assert [error["field"] for error in heard.json["errors"]] == ["X-Crm-User"]
    assert pbx.dialled == []


def test_a_dial_without_a_role_is_refused(tenant):
    event = sample("calls/dial")
    del event["requestContext"]["authorizer"]

    assert call(handler, event).status == 403


def test_no_number_or_key_is_in_the_intents_keys(tenant):
    call(handler, sample("calls/dial"))

    assert "5321234567" not in json.dumps([key for key in tenant.table.rows if key.startswith("INTENT#")])
