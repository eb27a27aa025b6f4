import pytest

from santral.crm.call_log import check, log_call, update_call
from santral.crm.matching import match
from santral.errors import OutcomeUnknown, OutsideFailure, Rejected
from santral.store.directory import User
from simulators.faults import CommitThen, Garbage, Hang, Reset, Status, Truncate

URL = "https://phone.example/recordings/k1.abc"
LOST_ANSWERS = [Hang(), Reset(), Status(code=500), Status(code=502, body=b"<html>"), Garbage(), Truncate()]
RULES = ["unique", "plain", "absent"]


def named(fault):
    return f"{fault.kind}{getattr(fault, 'code', '')}"


@pytest.fixture
def log(tenant, crm):
    def run(entry, record=None, *, recording_url=None, tried_before=False):
        return log_call(tenant, entry, record, recording_url=recording_url, tried_before=tried_before)

    return run


def inserted(crm):
    return [commit.id for commit in crm.commits if (commit.module, commit.action) == ("Calls", "insert")]


def logged(crm, record_id):
    return next(call for call in crm.calls() if call["id"] == record_id)


def test_a_logged_call_costs_one_search_and_one_write_once_warm(tenant, crm, call, log):
    log(call("virtualats:first"))
    crm.requests.clear()

    log(call(), match(tenant, "+905321234567"))

    assert dict(crm.counts) == {"composite": 1, "upsert": 1}


def test_a_call_is_there_with_contact_owner_duration_and_recording(tenant, crm, call, log):
    contact = match(tenant, "+905321234567")

    record = logged(crm, log(call(), contact, recording_url=URL))

    assert record["Who_Id"]["id"] == contact.id
    assert record["Owner"]["name"] == "Mehmet Kaya"
    assert record["Call_Duration_in_seconds"] == 62
    assert record["Voice_Recording__s"] == URL
    assert record["Call_Start_Time"] == "2026-11-21T11:55:00+03:00"


@pytest.mark.parametrize(
    ("told", "call_type"),
    [
        ({}, "Inbound"),
        ({"disposition": "no_answer", "talk_seconds": None}, "Missed"),
        ({"direction": "outbound"}, "Outbound"),
        ({"direction": "outbound", "disposition": "busy", "talk_seconds": None}, "Outbound"),
        ({"talk_seconds": 7507}, "Inbound"),
    ],
)
def test_every_kind_of_call_is_taken(crm, call, log, told, call_type):
    assert logged(crm, log(call(**told)))["Call_Type"] == call_type


def test_a_lead_is_what_the_call_is_about(tenant, crm, call, log):
    lead = match(tenant, "+905427654321")

    record = logged(crm, log(call(), lead))

    assert (record["What_Id"]["id"], record["$se_module"]) == (lead.id, "Leads")


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("fault", LOST_ANSWERS, ids=named)
def test_a_write_whose_answer_is_lost_leaves_exactly_one_call(crm, call, log, short_deadline, rule, fault):
    crm.layout.call_id_field = rule
    # Everything but the write is warm, so that the fault strikes the write.
    log(call("virtualats:warm"))
    crm.faults.add("/Calls(/upsert)?$", CommitThen(fault=fault), method="POST")

    try:
        found = log(call())
    except OutsideFailure:
        found = log(call(), tried_before=True)

    assert crm.faults.injected == 1
    assert len(inserted(crm)) == 2
    assert inserted(crm)[1] == found


@pytest.mark.parametrize("rule", ["plain", "absent"])
def test_without_a_unique_field_a_lost_answer_is_an_unknown_outcome(crm, call, log, rule):
    crm.layout.call_id_field = rule
    log(call("virtualats:warm"))
    crm.faults.add("/Calls$", CommitThen(fault=Reset()), method="POST")

    with pytest.raises(OutcomeUnknown):
        log(call())


@pytest.mark.parametrize("rule", RULES)
def test_a_write_that_never_took_effect_is_made_up_for(crm, call, log, rule):
    crm.layout.call_id_field = rule
    log(call("virtualats:warm"))
    crm.faults.add("/Calls(/upsert)?$", Status(code=503), method="POST", times=None)
    with pytest.raises(OutsideFailure):
        log(call())

    crm.faults.clear()
    log(call(), tried_before=True)

    assert len(inserted(crm)) == 2


@pytest.mark.parametrize("rule", RULES)
def test_the_lag_of_the_search_index_doubles_nothing(crm, call, log, rule):
    crm.layout.call_id_field = rule
    crm.arrange(index_lag_seconds=120)

    assert log(call()) == log(call(), tried_before=True)
    assert len(inserted(crm)) == 1


def test_where_calls_cannot_be_upserted_the_unique_field_keeps_them_single(crm, call, log):
    crm.arrange(calls_can_be_upserted=False)

    assert log(call()) == log(call(), tried_before=True)
    assert len(inserted(crm)) == 1


def test_a_second_try_with_other_facts_finds_the_first_record(crm, call, log):
    missed = call(disposition="no_answer", talk_seconds=None)

    assert log(missed) == log(call(), tried_before=True)
    assert len(inserted(crm)) == 1


def test_an_owner_who_has_left_does_not_cost_the_call(tenant, crm, call, log):
    gone = crm.users.by_email("gone@example.com")
    tenant.directory.remember(User(email=gone.email, extensions={"virtualats": ("104",)}, zoho_user_id=gone.id))

    record = logged(crm, log(call(extension="104")))

    assert record["Owner"]["name"] == "Ayşe Demir"


def test_a_contact_deleted_meanwhile_does_not_cost_the_call(tenant, crm, call, log):
    contact = match(tenant, "+905321234567")
    tenant.zoho.request("DELETE", f"/Contacts/{contact.id}", safe=True)

    assert logged(crm, log(call(), contact)).get("Who_Id") is None


@pytest.mark.parametrize("field", ["Voice_Recording__s", "Caller_ID", "Description", "Santral_Call_ID"])
def test_a_field_removed_after_the_layout_was_read_does_not_cost_the_call(crm, call, log, field):
    log(call("virtualats:warm"))
    if field == "Santral_Call_ID":
        crm.layout.call_id_field = "absent"
    else:
        crm.layout.removed_fields.add(("Calls", field))

    log(call(), recording_url=URL)

    assert len(inserted(crm)) == 2


def test_a_date_the_customer_made_mandatory_is_named_and_the_call_goes_in_once_it_is_not(crm, call, log):
    crm.customise("Calls", mandatory=[{"api_name": "Contract_No", "data_type": "date"}])

    with pytest.raises(Rejected) as caught:
        log(call())
    assert "Contract_No" in caught.value.sentence

    crm.customise("Calls")
    log(call(), tried_before=True)
    assert len(inserted(crm)) == 1


def test_a_text_the_customer_made_mandatory_is_filled_in(crm, call, log):
    crm.customise("Calls", mandatory=[{"api_name": "Contract_No"}])

    assert logged(crm, log(call()))["Contract_No"] == "-"


def test_a_user_who_may_only_read_is_told(crm, call, log):
    crm.arrange(read_only_user=True)

    with pytest.raises(Rejected, match="NO_PERMISSION"):
        log(call())


def test_an_update_adds_the_recording_and_keeps_the_note_of_the_agent(tenant, crm, call, log):
    record_id = log(call())
    note = f"Wants an offer\n\n{logged(crm, record_id)['Description']}"
    tenant.zoho.request("PUT", f"/Calls/{record_id}", safe=True, body={"data": [{"Description": note}]})

    update_call(tenant, call(queue="Sales").having(crm_call_id=record_id), recording_url=URL)

    record = logged(crm, record_id)
    assert record["Voice_Recording__s"] == URL
    assert record["Description"].startswith("Wants an offer\n\nSantral call virtualats:abc-1\n")
    assert "Queue: Sales" in record["Description"]


def test_a_later_contradiction_is_told_where_the_type_cannot_change(tenant, crm, call, log):
    record_id = log(call(disposition="no_answer", talk_seconds=None))

    update_call(tenant, call().having(crm_call_id=record_id), recording_url=None)

    record = logged(crm, record_id)
    assert record["Call_Type"] == "Missed"
    assert "Later reports say: Inbound, 01:02." in record["Description"]


def test_a_logged_call_deleted_in_the_crm_is_let_be(tenant, crm, call, log):
    record_id = log(call())
    tenant.zoho.request("DELETE", f"/Calls/{record_id}", safe=True)

    update_call(tenant, call().having(crm_call_id=record_id), recording_url=URL)

    assert crm.commits[-1].action == "delete"


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [("unique", "refuses duplicates"), ("plain", "looking for its Santral"), ("absent", "its line")],
)
def test_the_status_says_what_keeps_calls_single(tenant, crm, rule, sentence):
    crm.layout.call_id_field = rule

    assert sentence in check(tenant)
