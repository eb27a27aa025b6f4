from datetime import UTC, datetime

import pytest

from santral.calls import RecordLink
from santral.crm.call_log import RecordGone, check, log_call, update_call, wanted
from santral.errors import OutcomeUnknown, Rejected, Unanswered
from santral.zoho.client import RecordRefused
from tests.fakes import make_tenant

CONTACT = RecordLink(module="Contacts", id="11", name="Elif")
URL = "https://phone.example/recordings/k1.abc"


def refused(field=None, code="INVALID_DATA", existing_id=None):
    return RecordRefused(code, field, existing_id)


@pytest.fixture
def log(tenant, call):
    def run(entry=None, record=CONTACT, *, recording_url=None, tried_before=False, with_record=False):
        return log_call(
            tenant,
            entry or call(),
            record,
            recording_url=recording_url,
            tried_before=tried_before,
            with_record=with_record,
        )

    return run


@pytest.fixture
def plain_field(zoho):
    layout = zoho.layouts["Calls"]
    zoho.layouts["Calls"] = layout.model_copy(update={"unique": frozenset()})


@pytest.fixture
def no_field(zoho):
    zoho.layouts["Calls"] = zoho.layouts["Calls"].without("Santral_Call_ID")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, True),
        ({"state": "answered"}, False),
        ({"state": "ringing"}, False),
        ({"direction": "internal"}, False),
        ({"direction": None}, False),
        ({"direction": "outbound", "disposition": "busy", "talk_seconds": None}, True),
    ],
)
def test_only_ended_calls_with_somebody_outside_are_wanted(tenant, call, told, expected):
    assert wanted(tenant, call(**told)) is expected


@pytest.mark.parametrize("logged", [True, False])
def test_calls_of_a_campaign_are_wanted_where_the_company_wants_them(call, logged):
    tenant = make_tenant(campaign_calls_logged=logged)

    assert wanted(tenant, call(direction="outbound", campaign_id="verimor:7")) is logged
    assert wanted(tenant, call(direction="outbound")) is True


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("2026-01-15T09:00:00+00:00", True),
        ("2026-01-15T12:00:06+03:00", False),
        ("2026-01-15T12:30:00", False),
        ("", True),
    ],
)
def test_calls_from_before_the_first_day_are_not_wanted(call, first, expected):
    assert wanted(make_tenant(log_calls_from=first), call()) is expected


def test_with_a_unique_field_a_call_is_upserted_and_may_be_sent_twice(zoho, log):
    assert log(tried_before=True) == "777"

    [(method, path, safe, body)] = zoho.requests
    assert (method, path, safe) == ("POST", "/Calls/upsert", True)
    assert body["duplicate_check_fields"] == ["Santral_Call_ID"]


def test_where_calls_cannot_be_upserted_the_unique_field_refuses_the_second_insert(zoho, log):
    zoho.refusals = [refused(code="NOT_SUPPORTED"), refused("Santral_Call_ID", "DUPLICATE_DATA", "778")]

    assert log() == "778"
    assert [path for path, _ in zoho.writes] == ["/Calls/upsert", "/Calls"]


@pytest.mark.parametrize("field", ["Call_Type", "Call_Start_Time", "Owner"])
def test_an_upsert_that_may_not_change_what_is_fixed_has_found_its_record(zoho, log, field):
    zoho.refusals = [refused(field)]
    zoho.rows = [{"id": "779"}]

    assert log(tried_before=True) == "779"
    assert len(zoho.writes) == 1


def test_an_owner_refused_without_a_record_there_is_an_owner_refused(zoho, log):
    zoho.refusals = [refused("Owner"), None]

    assert log() == "777"
    assert "Owner" not in zoho.writes[-1][1]


def test_without_a_unique_field_the_first_try_inserts_at_once(zoho, log, plain_field):
    log()

    assert [(path, safe) for _, path, safe, _ in zoho.requests] == [("/Calls", False)]


def test_without_a_unique_field_a_second_try_looks_first(zoho, log, plain_field):
    zoho.rows = [{"id": "780"}]

    assert log(tried_before=True) == "780"
    assert zoho.writes == []
    assert zoho.queries == ["select id from Calls where Santral_Call_ID = 'virtualats:abc-1' limit 1"]


def test_a_second_try_that_finds_nothing_inserts(zoho, log, plain_field):
    assert log(tried_before=True) == "777"
    assert len(zoho.writes) == 1


def test_without_any_field_a_second_try_looks_for_the_line_in_the_description(zoho, log, no_field):
    zoho.rows = [
        {"id": "1", "Description": "Santral call virtualats:abc-12"},
        {"id": "2", "Description": None},
        {"id": "3", "Description": "note\n\nSantral call virtualats:abc-1\nFrom: x"},
    ]

    assert log(tried_before=True) == "3"
    assert "between '2026-01-15T08:00:05+00:00' and '2026-01-15T09:01:05+00:00'" in zoho.queries[0]


def test_a_lost_answer_is_the_callers_to_settle_later(zoho, log, plain_field):
    zoho.refusals = [OutcomeUnknown("lost")]

    with pytest.raises(OutcomeUnknown):
        log()
    assert len(zoho.writes) == 1


@pytest.mark.parametrize("field", ["Owner", "Voice_Recording__s", "Caller_ID", "Description"])
def test_a_refused_optional_field_is_left_out(zoho, log, plain_field, counted, field):
    zoho.refusals = [refused(field), None]

    assert log(recording_url=URL) == "777"

    full, smaller = (set(record) for _, record in zoho.writes)
    assert full - smaller == {field}
    assert counted("crm_fields_dropped") == 1


@pytest.mark.parametrize("field", ["Who_Id", "What_Id", "$se_module"])
def test_a_record_that_is_gone_costs_only_the_link(zoho, log, plain_field, field):
    zoho.refusals = [refused(field), None]
    link = CONTACT if field == "Who_Id" else RecordLink(module="Leads", id="12")

    assert log(record=link) == "777"
    assert not set(zoho.writes[-1][1]) & {"Who_Id", "What_Id", "$se_module"}


@pytest.mark.parametrize("field", ["Who_Id", "What_Id", "$se_module"])
def test_a_record_that_is_gone_is_told_where_another_may_be_found(zoho, log, plain_field, field):
    zoho.refusals = [refused(field)]
    link = CONTACT if field == "Who_Id" else RecordLink(module="Leads", id="12")

    with pytest.raises(RecordGone) as caught:
        log(record=link, with_record=True)
    assert (caught.value.record, len(zoho.writes)) == (link, 1)


def test_a_contact_that_is_asked_for_and_was_not_given_is_no_record_that_is_gone(zoho, log, plain_field):
    zoho.refusals = [refused("Who_Id", "MANDATORY_NOT_FOUND")]

    assert log(record=RecordLink(module="Leads", id="12"), with_record=True) == "777"


def test_a_recording_whose_field_is_refused_goes_into_the_description(zoho, log, plain_field):
    zoho.refusals = [refused("Voice_Recording__s"), None]

    log(recording_url=URL)

    assert URL in zoho.writes[-1][1]["Description"]


def test_at_last_the_minimal_record_is_tried(zoho, log, plain_field):
    zoho.refusals = [refused("Owner"), refused("Who_Id"), None]

    assert log(recording_url=URL) == "777"
    assert set(zoho.writes[-1][1]) == {
        "Subject",
        "Call_Type",
        "Call_Start_Time",
        "Call_Duration",
        "Description",
        "Santral_Call_ID",
    }
    assert URL in zoho.writes[-1][1]["Description"]


def test_a_refusal_that_names_no_field_leads_to_the_minimal_record(zoho, log, plain_field):
    zoho.refusals = [refused(), None]

    assert log() == "777"
    assert "Owner" not in zoho.writes[-1][1]


def test_a_minimal_record_refused_as_well_is_refused(zoho, log, plain_field):
    zoho.refusals = [refused("Owner"), refused("Who_Id"), refused("Description")]

    with pytest.raises(Rejected):
        log()
    assert len(zoho.writes) == 3


def test_a_field_the_customer_made_mandatory_is_named_and_not_guessed_at(zoho, log, plain_field):
    zoho.refusals = [refused("Contract_No", "MANDATORY_NOT_FOUND")]

    with pytest.raises(Rejected) as caught:
        log()

    assert "Contract_No" in caught.value.sentence
    assert len(zoho.writes) == 1


@pytest.mark.parametrize("field", ["Santral_Call_ID", "duplicate_check_fields"])
def test_a_layout_changed_since_is_read_again(zoho, log, field):
    fresh = zoho.layouts["Calls"].model_copy(update={"unique": frozenset()})
    stale = zoho.layouts["Calls"]
    zoho.layout = lambda module, *, fresh=False, new=fresh: new if fresh else stale
    zoho.refusals = [refused(field), None]

    assert log() == "777"
    assert zoho.writes[-1][0] == "/Calls"
    assert ("Santral_Call_ID" in zoho.writes[-1][1]) is (field == "duplicate_check_fields")


@pytest.fixture
def update(tenant, zoho, call):
    def run(entry=None, recording_url=None, **logged):
        zoho.logged = {"id": "777", "Call_Type": "Inbound", "Call_Duration": "01:02", "Description": None, **logged}
        update_call(tenant, (entry or call()).having(crm_call_id="777"), recording_url=recording_url)

    return run


def test_an_update_never_touches_what_is_fixed(zoho, update):
    update(recording_url=URL)

    [(path, values)] = zoho.writes
    assert path == "/Calls/777"
    assert set(values) == {"Description", "Call_Duration", "Voice_Recording__s"}


def test_an_update_keeps_what_people_wrote(zoho, update):
    update(Description="Wants an offer")

    assert zoho.writes[0][1]["Description"].startswith("Wants an offer\n\nSantral call virtualats:abc-1\n")


def test_an_update_that_says_nothing_new_is_not_sent(zoho, update):
    update(recording_url=URL)
    [(_, values)] = zoho.writes

    update(recording_url=URL, **values)

    assert len(zoho.writes) == 1


def test_a_contradiction_is_told_in_the_description_and_counted(zoho, update, counted):
    update(Call_Type="Missed", Call_Duration="00:00")

    values = zoho.writes[0][1]
    assert "Later reports say: Inbound, 01:02." in values["Description"]
    assert "Call_Duration" not in values
    assert counted("crm_contradictions") == 1


def test_a_recording_refused_in_an_update_goes_into_the_description(zoho, update):
    zoho.refusals = [refused("Voice_Recording__s"), None]

    update(recording_url=URL)

    assert URL in zoho.writes[-1][1]["Description"]
    assert "Voice_Recording__s" not in zoho.writes[-1][1]


def test_a_record_deleted_in_the_crm_needs_no_update(tenant, zoho, call, counted):
    update_call(tenant, call().having(crm_call_id="777"), recording_url=URL)

    assert zoho.writes == []
    assert counted("crm_records_gone") == 1


def test_the_status_sentence_names_the_user_and_the_rule(tenant, zoho, no_field):
    zoho.request = lambda *_args, **_named: {"users": [{"full_name": "Ayşe Demir"}]}

    sentence = check(tenant)

    assert "Ayşe Demir" in sentence
    assert "add a unique text field Santral_Call_ID" in sentence


def test_an_outage_surfaces_to_the_outbox(zoho, log):
    zoho.refusals = [Unanswered("down")]

    with pytest.raises(Unanswered):
        log()


def test_a_call_nobody_told_the_start_of_is_logged_at_its_end(zoho, log, call):
    log(call(started_at=None, ended_at=datetime(2026, 1, 15, 9, 1, tzinfo=UTC)))

    assert zoho.writes[0][1]["Call_Start_Time"] == "2026-01-15T12:01:00+03:00"
