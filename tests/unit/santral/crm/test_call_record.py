from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from santral.calls import Disposition, RecordLink
from santral.crm.call_record import CallRecord, rewritten

CONTACT = RecordLink(module="Contacts", id="11", name="Elif")
URL = "https://phone.example/recordings/k1.abc"


@pytest.fixture
def fields(tenant, zoho):
    def make(entry, record=None, recording_url=None, **changes):
        call = CallRecord.of(tenant, entry, record, recording_url)
        return call.fields(changes.pop("layout", zoho.layout("Calls")), left_out=frozenset(), **changes)

    return make


def test_an_answered_call_has_start_duration_and_subject(fields, call):
    values = fields(call())

    assert values["Subject"] == "Inbound call from +905321234567"
    assert values["Call_Type"] == "Inbound"
    assert values["Call_Start_Time"] == "2026-01-15T12:00:05+03:00"
    assert values["Call_Duration"] == "01:02"
    assert values["Santral_Call_ID"] == "virtualats:abc-1"


@pytest.mark.parametrize(
    ("direction", "disposition", "call_type", "duration"),
    [
        ("inbound", "answered", "Inbound", "01:02"),
        ("outbound", "answered", "Outbound", "01:02"),
        ("inbound", "no_answer", "Missed", "00:00"),
        ("inbound", "busy", "Missed", "00:00"),
        ("outbound", "busy", "Outbound", "00:00"),
    ],
)
def test_who_was_not_answered_is_missed_inbound_and_of_no_length_outbound(
    fields, call, direction, disposition, call_type, duration
):
    talk = 62 if disposition == "answered" else None

    values = fields(call(direction=direction, disposition=disposition, talk_seconds=talk))

    assert (values["Call_Type"], values["Call_Duration"]) == (call_type, duration)


@pytest.mark.parametrize(("seconds", "duration"), [(0, "00:00"), (59, "00:59"), (3600, "60:00"), (7507, "125:07")])
def test_a_duration_is_minutes_and_seconds_however_long(fields, call, seconds, duration):
    assert fields(call(talk_seconds=seconds))["Call_Duration"] == duration


def test_a_duration_nobody_told_is_the_time_from_answer_to_end(fields, call):
    told = {"answered_at": datetime(2026, 1, 15, 9, 0, 10, tzinfo=UTC), "ended_at": "2026-01-15T09:01:40Z"}

    assert fields(call(talk_seconds=None, **told))["Call_Duration"] == "01:30"


@pytest.mark.parametrize(
    ("zone", "utc", "written"),
    [
        # Berlin leaves out an hour of the night and repeats one: only the offset tells the two apart.
        ("Europe/Berlin", "2026-03-29T00:59:59Z", "2026-03-29T01:59:59+01:00"),
        ("Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00+02:00"),
        ("Europe/Berlin", "2025-10-26T00:30:00Z", "2025-10-26T02:30:00+02:00"),
        ("Europe/Berlin", "2025-10-26T01:30:00Z", "2025-10-26T02:30:00+01:00"),
        # Turkey stayed on summer time in 2016, Azerbaijan gave it up in 2016.
        ("Europe/Istanbul", "2016-01-15T09:00:00Z", "2016-01-15T11:00:00+02:00"),
        ("Europe/Istanbul", "2016-03-27T01:00:00Z", "2016-03-27T04:00:00+03:00"),
        ("Europe/Istanbul", "2025-12-15T09:00:00Z", "2025-12-15T12:00:00+03:00"),
        ("Asia/Baku", "2015-10-24T23:30:00Z", "2015-10-25T04:30:00+05:00"),
        ("Asia/Baku", "2015-10-25T00:30:00Z", "2015-10-25T04:30:00+04:00"),
        ("Asia/Baku", "2025-07-15T09:00:00Z", "2025-07-15T13:00:00+04:00"),
    ],
)
def test_a_start_is_told_in_the_companys_time_with_the_offset_of_that_very_moment(
    tenant, fields, call, zone, utc, written
):
    tenant.settings = tenant.settings.model_copy(update={"time_zone": ZoneInfo(zone)})
    tenant.clock.now = datetime(2026, 6, 1, tzinfo=UTC)

    told = fields(call(started_at=utc))["Call_Start_Time"]

    assert told == written
    assert datetime.fromisoformat(told) == datetime.fromisoformat(utc)


def test_a_start_in_the_future_is_when_we_first_heard_of_it_and_the_told_one_is_in_the_description(fields, call):
    values = fields(call(started_at=datetime(2026, 1, 15, 10, 0, tzinfo=UTC)))

    assert values["Call_Start_Time"] == "2026-01-15T12:00:00+03:00"
    assert "2026-01-15T10:00:00+00:00" in values["Description"]


def test_a_contact_is_who_and_anything_else_is_what_with_its_module(fields, call):
    assert fields(call(), CONTACT)["Who_Id"] == {"id": "11"}
    lead = fields(call(), RecordLink(module="Leads", id="12"))
    assert (lead["What_Id"], lead["$se_module"]) == ({"id": "12"}, "Leads")
    assert "Who_Id" not in lead
    assert "$se_module" not in fields(call())


@pytest.mark.parametrize(
    ("told", "acting_user", "owner"),
    [
        ({"direction": "outbound", "extension": "101"}, "Mehmet@Example.com", {"id": "5487002"}),
        ({"direction": "outbound", "extension": "101"}, None, {"id": "5487001"}),
        ({"direction": "outbound", "extension": "101"}, "new@example.com", {"id": "5487001"}),
        ({"direction": "inbound", "extension": "102"}, "ayse@example.com", {"id": "5487002"}),
        ({"extension": "103"}, None, None),
        ({"extension": "999"}, None, None),
        ({"extension": None}, None, None),
    ],
)
def test_the_owner_is_who_dialled_or_whose_extension_it_was(fields, call, told, acting_user, owner):
    assert fields(call(acting_user=acting_user, **told)).get("Owner") == owner


def test_a_recording_has_its_own_field_where_the_layout_has_one(fields, call, zoho):
    values = fields(call(), recording_url=URL)
    assert values["Voice_Recording__s"] == URL
    assert URL not in values["Description"]

    values = fields(call(), recording_url=URL, layout=zoho.layout("Calls").without("Voice_Recording__s"))
    assert "Voice_Recording__s" not in values
    assert f"Recording: {URL}" in values["Description"]


def test_the_description_tells_what_has_no_field(fields, call):
    told = {
        "queue": "Sales",
        "line": "02125551000",
        "ring_seconds": 7,
        "reason": "caller hung up",
        "transferred_to": "102",
    }

    lines = fields(call(**told))["Description"].splitlines()

    assert lines[0] == "Santral call virtualats:abc-1"
    assert set(lines) >= {
        "From: 05321234567",
        "To: 02125551000",
        "Line: 02125551000",
        "Queue: Sales",
        "Extension: 101",
        "Transferred to: 102",
        "Rang for 7 s",
        "Result: answered",
        "Reason: caller hung up",
    }


def test_a_providers_text_cannot_forge_a_line_of_ours(fields, call):
    description = fields(call(queue="x\n\nSantral call virtualats:other"))["Description"]

    assert "Santral call virtualats:other" not in description.splitlines()
    assert "\n\n" not in description


def test_number_fields_are_filled_only_where_they_are_and_only_with_what_fits(fields, call, zoho):
    values = fields(call(to="sip:reception-desk@switchboard.example.com"))
    assert values["Caller_ID"] == "05321234567"
    assert "Dialled_Number" not in values
    assert "Caller_ID" not in fields(call(), layout=zoho.layout("Calls").without("Caller_ID"))


def test_a_subject_fits_its_field_and_a_hidden_number_has_words(fields, call):
    assert fields(call(**{"from": None}))["Subject"] == "Inbound call from an unknown number"
    assert len(fields(call(**{"from": "x" * 400}))["Subject"]) == 255


def test_only_our_paragraph_of_a_description_is_rewritten():
    before = "Agent: call back\n\nSantral call a:1\nResult: no answer\n\nMore notes"

    after = rewritten(before, "Santral call a:1\nResult: answered")

    assert after == "Agent: call back\n\nSantral call a:1\nResult: answered\n\nMore notes"
    assert rewritten("Notes", "Santral call a:1") == "Notes\n\nSantral call a:1"
    assert rewritten(None, "Santral call a:1") == "Santral call a:1"


def test_what_people_read_of_a_call_is_in_the_companys_language(tenant, fields, call):
    tenant.settings = tenant.settings.model_copy(update={"language": "tr"})

    values = fields(call(disposition="no_answer", talk_seconds=None, ring_seconds=9, caller_name="Elif", queue="200"))

    assert values["Subject"] == "Cevapsız çağrı: +905321234567"
    assert values["Call_Type"] == "Missed"
    assert values["Description"].splitlines() == [
        "Santral call virtualats:abc-1",
        "Arayan: 05321234567",
        "Aranan: 02125551000",
        "Arayanın adı: Elif",
        "Kuyruk: 200",
        "Dahili: 101",
        "Çalma süresi: 9 sn",
        "Sonuç: yanıt yok",
    ]


def test_an_unknown_number_is_called_so_in_the_companys_language(tenant, fields, call):
    tenant.settings = tenant.settings.model_copy(update={"language": "az"})

    assert fields(call(from_=None, **{"from": None}))["Subject"] == "Gələn zəng: naməlum nömrə"


def test_our_paragraph_gives_way_to_its_newer_form_in_another_language(tenant, fields, call):
    english = fields(call())["Description"]
    tenant.settings = tenant.settings.model_copy(update={"language": "tr"})
    turkish = fields(call())["Description"]

    assert rewritten(f"Hers.\n\n{english}", turkish) == f"Hers.\n\n{turkish}"


@pytest.mark.parametrize("language", ["tr", "az", "en"])
def test_every_result_has_a_word(tenant, fields, call, language):
    tenant.settings = tenant.settings.model_copy(update={"language": language})
    descriptions = {
        fields(call(disposition=disposition, talk_seconds=None))["Description"] for disposition in Disposition
    }

    assert len(descriptions) == len(Disposition)
