# The numbers W6, W10, W11 and W13 are those of the open points in santral.providers.wapcrm.
import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from santral.calls import Direction, Disposition
from santral.errors import InvalidRequest, OutcomeUnknown, Rejected, Unintelligible
from santral.providers.ports import CallOutcome, Outcome, Page
from santral.providers.wapcrm.calls import Conversation
from tests.fakes import answering
from tests.fakes.wapcrm import KEY, envelope, printed, wapcrm

MORNING = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
EVENING = datetime(2026, 1, 5, 18, 0, tzinfo=UTC)
ROW = {
    "id": 4711,
    "createDate": "2026-01-05T12:00:00",
    "phoneNumber": "905321234567",
    "note": "Yarın aranacak",
    "dataListName": "Ocak listesi",
    "customerFullName": "Hüseyin Kaya",
    "callResultParent": "Üst Sonuç",
    "callResultChild": "Alt Sonuç1",
    "userName": "Ayşe Yılmaz",
    "conversationResultDirection": 2,
    "callGuidId": "3489655c982f4e46b9c9ca975b031781",
    "ringTime": 5,
    "callTime": 60,
    "transferredCall": False,
    "tuUser": None,
    "targetNumber": None,
    "pbxPhoneNumber": "908504900290",
    "pbxQueue": "Satış",
    "instanceName": "Satış hattı",
}
TREE = [Outcome(23, "Üst Sonuç", (Outcome(21, "Alt Sonuç1"), Outcome(49, "Alt Sonuç 2")))]


def report(*rows, offset=0, limit=100, since=MORNING, until=EVENING):
    network = answering(body=envelope(data=list(rows)))
    return wapcrm(network).history(since=since, until=until, offset=offset, limit=limit)


def told(**changes):
    (event,) = report({**ROW, **changes}).events
    return event


def saved(**changes):
    network = answering(body=envelope())
    wapcrm(network).save_outcome(outcome(**changes))
    return json.loads(network.last.body)


def outcome(**changes):
    values = {
        "provider_call_id": "3489655c982f4e46b9c9ca975b031781",
        "phone": "+905321234567",
        "direction": Direction.OUTBOUND,
        "answered": True,
        "result_id": 23,
        "child_result_id": 21,
        "note": "Yarın aranacak",
        "extension": "101",
        "line": "+908504900290",
        "started_at": datetime(2026, 1, 5, 9, 0, tzinfo=UTC),
        "ring_seconds": 5,
        "talk_seconds": 60,
    }
    return CallOutcome(**{**values, **changes})


def names_printed(sample):
    """Return the field names of a sample that holds descriptions instead of values, and so is no JSON."""
    return re.findall(r'^\s*"(\w+)" *:', sample.decode(), re.MULTILINE)


@pytest.mark.operation("wapcrm conversations")
def test_a_period_is_asked_for_in_whole_days_of_istanbul():
    network = answering(body=envelope(data=[]))

    page = wapcrm(network).history(
        since=datetime(2026, 1, 5, 21, 30, tzinfo=UTC), until=datetime(2026, 1, 6, 20, 0, tzinfo=UTC), offset=0, limit=9
    )

    assert page == Page([], 0)
    assert (network.last.method, network.last.url) == ("POST", "https://cxapi.wapcrm.net/api/conversations")
    assert network.last.headers["X-CIB-SecretKey"] == KEY
    assert network.last.headers["Content-Type"] == "application/json"
    # W13: the day after the last one is asked for as well.
    assert json.loads(network.last.body) == {"startDate": "2026-01-06", "enddate": "2026-01-07"}


def test_w12_the_sample_of_the_report_names_what_we_send_and_read():
    network = answering(body=envelope(data=[]))
    wapcrm(network).history(since=MORNING, until=EVENING, offset=0, limit=9)
    fields = {name.replace("_", "") for name in Conversation.model_fields}

    assert names_printed(printed("conversations_request")) == list(json.loads(network.last.body))
    # A list's and a line's own names tell nothing that a call of ours has a place for.
    listed = {name.lower() for name in names_printed(printed("conversations"))}
    assert listed - {"data", "datalistname", "instancename"} == fields
    assert names_printed(printed("conversations"))[1:] == list(ROW)


def test_a_conversation_is_a_call_that_is_over_with_what_was_said_of_it():
    assert json.loads(told().written()) == {
        "v": 1,
        "kind": "call",
        "call_id": "wapcrm:3489655c982f4e46b9c9ca975b031781",
        "provider": "wapcrm",
        "state": "ended",
        "direction": "inbound",
        "disposition": "answered",
        "from": "+905321234567",
        "to": "+908504900290",
        "caller_name": "Hüseyin Kaya",
        "agent": "Ayşe Yılmaz",
        "line": "+908504900290",
        "queue": "Satış",
        "started_at": "2026-01-05T09:00:00+00:00",
        "answered_at": "2026-01-05T09:00:05+00:00",
        "ended_at": "2026-01-05T09:01:05+00:00",
        "ring_seconds": 5,
        "talk_seconds": 60,
        "outcome": "Üst Sonuç: Alt Sonuç1",
        "note": "Yarın aranacak",
    }


def test_any_field_but_id_and_date_may_be_missing():
    event = told(**dict.fromkeys(ROW.keys() - {"id", "createDate"}))

    assert event.call_id == "wapcrm:4711"
    assert (event.direction, event.disposition) == (None, Disposition.UNKNOWN)
    assert (event.from_, event.to, event.outcome, event.note, event.talk_seconds) == (None, None, None, None, None)


@pytest.mark.parametrize(
    ("code", "talked", "direction", "disposition"),
    [
        (1, 60, Direction.OUTBOUND, Disposition.ANSWERED),
        ("2", 60, Direction.INBOUND, Disposition.ANSWERED),
        (3, 0, Direction.INBOUND, Disposition.NO_ANSWER),
        (4, None, Direction.OUTBOUND, Disposition.NO_ANSWER),
        (4, 7, Direction.OUTBOUND, Disposition.ANSWERED),
        (9, 0, None, Disposition.UNKNOWN),
        (9, 7, None, Disposition.ANSWERED),
    ],
)
def test_the_four_kinds_of_call_in_our_words(code, talked, direction, disposition):
    event = told(conversationResultDirection=code, callTime=talked)

    assert (event.direction, event.disposition) == (direction, disposition)
    assert (event.answered_at is not None) == (disposition is Disposition.ANSWERED)


def test_an_outgoing_call_goes_from_the_line_to_the_customer():
    event = told(conversationResultDirection=1)

    assert (event.from_, event.to, event.line) == ("+908504900290", "+905321234567", "+908504900290")
    assert event.caller_name is None


@pytest.mark.parametrize(
    ("told_as", "ours"),
    [
        ("905321234567", "+905321234567"),
        ("0532 123 45 67", "+905321234567"),
        ("994557967473", "+994557967473"),
        ("101", "101"),
        ("Gizli", "Gizli"),
        ("", None),
    ],
)
def test_numbers_are_told_in_e164_and_anything_else_as_it_is(told_as, ours):
    assert told(phoneNumber=told_as).from_ == ours


@pytest.mark.parametrize(
    ("guid", "call_id"),
    [
        ("3489655c982f4e46b9c9ca975b031781", "3489655c982f4e46b9c9ca975b031781"),
        ("{B1F6E4B0-1C2D-4E5F}", "B1F6E4B0-1C2D-4E5F"),
        (" 1767603600.17 ", "1767603600.17"),
        (1767603600, "1767603600"),
        ("", "4711"),
        (None, "4711"),
    ],
)
def test_a_call_has_the_pbxs_own_id_where_wapcrm_knows_it(guid, call_id):
    assert told(callGuidId=guid).call_id == f"wapcrm:{call_id}"


@pytest.mark.parametrize("guid", ["a/b", "a" * 129])
def test_an_id_that_fits_none_of_ours_keeps_one_of_its_own(guid):
    call_id = told(callGuidId=guid).call_id

    assert re.fullmatch(r"wapcrm:[0-9a-f]{32}", call_id)
    assert call_id == told(callGuidId=guid).call_id != told(callGuidId=f"{guid}x").call_id


@pytest.mark.parametrize(
    ("fields", "transferred_to"),
    [
        ({"transferredCall": True, "tuUser": "Mehmet"}, "Mehmet"),
        ({"transferredCall": "true", "targetNumber": "102"}, "102"),
        ({"transferredCall": True}, None),
        ({"transferredCall": False, "tuUser": "Mehmet"}, None),
    ],
)
def test_a_transferred_call_tells_to_whom(fields, transferred_to):
    assert told(**fields).transferred_to == transferred_to


@pytest.mark.parametrize(
    ("parent", "child", "name"),
    [("Satış", "Oldu", "Satış: Oldu"), ("Satış", "", "Satış"), (None, "Oldu", "Oldu"), (None, None, None)],
)
def test_an_outcome_is_named_with_the_one_above_it(parent, child, name):
    assert told(callResultParent=parent, callResultChild=child).outcome == name


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-05T12:00:00",
        "2026-01-05 12:00:00",
        "2026-01-05T12:00:00.123",
        "2026-01-05T09:00:00Z",
        "2026-01-05T13:00:00+04:00",
        "05.01.2026 12:00:00",
        "5.1.2026 12:00",
    ],
)
def test_w10_a_call_is_of_its_time_in_any_form(written):
    assert told(createDate=written).started_at == datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "changes",
    [
        {"createDate": "Jan 5"},
        {"createDate": None},
        {"createDate": 1767603600},
        {"id": None, "callGuidId": None},
        {"id": "x", "callGuidId": None},
        {"phoneNumber": ["905321234567"]},
    ],
)
def test_w10_a_row_without_a_readable_date_or_an_id_hides_no_other_and_is_counted(changes, monkeypatch):
    counts = []
    monkeypatch.setattr("santral.providers.rows.count", lambda *counted: counts.append(counted))

    page = report({**ROW, **changes}, None, ROW)

    assert ([event.call_id for event in page.events], page.rows) == (["wapcrm:3489655c982f4e46b9c9ca975b031781"], 1)
    assert counts == [("rows_not_understood", 2)]


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        (75, 75),
        ("75", 75),
        (75.0, 75),
        ("00:01:15", 75),
        ("1:15", 75),
        ("00:01:15.5", 75),
        (0, 0),
        ("", None),
        (None, None),
        (-1, None),
        (True, None),
        (10**9, None),
        ("soon", None),
        ([], None),
    ],
)
def test_w11_seconds_come_as_numbers_or_as_a_clock(written, seconds):
    event = told(ringTime=written, callTime=written)

    assert (event.ring_seconds, event.talk_seconds) == (seconds, seconds)


def test_w13_what_is_not_of_the_period_is_left_out_of_the_rows_too():
    page = report({**ROW, "createDate": "2026-01-05T08:59:59"}, ROW, {**ROW, "createDate": "2026-01-06T00:00:00"})

    assert (len(page.events), page.rows) == (1, 1)


def test_the_periods_bounds_belong_to_it():
    start = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

    assert report(ROW, since=start, until=start).rows == 1
    assert report(ROW, since=start + timedelta(seconds=1), until=EVENING).rows == 0
    assert report(ROW, since=MORNING, until=start - timedelta(seconds=1)).rows == 0


def test_pages_have_a_steady_order_whatever_the_reports():
    rows = [
        {**ROW, "callGuidId": name, "createDate": f"2026-01-05T12:0{minute}:00"} for name, minute in ("b9", "a5", "c5")
    ]

    first, second = report(*rows, offset=0, limit=2), report(*reversed(rows), offset=2, limit=2)

    assert [event.call_id for page in (first, second) for event in page.events] == ["wapcrm:a", "wapcrm:c", "wapcrm:b"]
    assert (first.rows, second.rows) == (2, 1)


@pytest.mark.operation("wapcrm callresults")
def test_w12_the_sample_of_the_results_is_a_tree():
    network = answering(body=b'{"status": true,' + printed("callresults") + b"}")

    assert wapcrm(network).outcomes() == TREE

    assert (network.last.method, network.last.url) == ("GET", "https://cxapi.wapcrm.net/api/callresults")
    assert network.last.headers["X-CIB-SecretKey"] == KEY
    assert network.last.body is None


def test_results_go_as_deep_as_they_are_told_in_any_casing():
    rows = [{"ID": "1", "Name": "a", "ChildItem": [{"id": 2, "name": "b", "childitem": [{"id": 3, "name": "c"}]}]}]

    assert wapcrm(answering(body=envelope(data=rows))).outcomes() == [
        Outcome(1, "a", (Outcome(2, "b", (Outcome(3, "c"),)),))
    ]


@pytest.mark.parametrize("bad", [{"id": None, "name": "x"}, {"name": "x"}, {"id": 1, "name": "x", "childItem": "y"}, 7])
def test_a_result_that_is_not_understood_hides_no_other(bad):
    assert wapcrm(answering(body=envelope(data=[bad, {"id": 2, "name": "b"}]))).outcomes() == [Outcome(2, "b")]


def test_results_below_each_other_without_end_are_left_out():
    row = {"id": 1, "name": "deep"}
    for _ in range(400):
        row = {"id": 1, "name": "deep", "childItem": [row]}

    assert wapcrm(answering(body=envelope(data=[row, {"id": 2, "name": "b"}]))).outcomes() == [Outcome(2, "b")]


@pytest.mark.operation("wapcrm addconversation")
def test_an_outcome_is_saved_in_the_documents_words_and_nothing_else():
    network = answering(body=envelope())

    wapcrm(network).save_outcome(outcome())

    assert (network.last.method, network.last.url) == ("POST", "https://cxapi.wapcrm.net/api/addconversation")
    assert network.last.headers["X-CIB-SecretKey"] == KEY
    assert network.last.headers["Content-Type"] == "application/json"
    assert json.loads(network.last.body) == {
        "PhoneNumber": "905321234567",
        "ExtensionNumber": "101",
        "Note": "Yarın aranacak",
        "PbxPhoneNumber": "908504900290",
        "CallID": "3489655c982f4e46b9c9ca975b031781",
        "ConversationType": 1,
        "RingSecond": 5,
        "CallTimeSecond": 60,
        "ConversationDateTimeSpan": 1767603600,
        "ResultID": 23,
        "ChildResultID": 21,
    }


def test_w12_the_sample_of_an_outcome_names_what_we_send():
    assert set(names_printed(printed("addconversation"))) == saved().keys()


@pytest.mark.parametrize(
    ("direction", "answered", "kind"),
    [
        (Direction.OUTBOUND, True, 1),
        (Direction.INBOUND, True, 2),
        (Direction.INBOUND, False, 3),
        (Direction.OUTBOUND, False, 4),
    ],
)
def test_the_kind_of_call_in_wapcrms_numbers(direction, answered, kind):
    assert saved(direction=direction, answered=answered)["ConversationType"] == kind


def test_w6_unknown_seconds_are_none_and_other_unknowns_are_left_out():
    unknown = ("child_result_id", "note", "extension", "line", "ring_seconds", "talk_seconds")

    assert saved(**dict.fromkeys(unknown)) == {
        "PhoneNumber": "905321234567",
        "CallID": "3489655c982f4e46b9c9ca975b031781",
        "ConversationType": 1,
        "RingSecond": 0,
        "CallTimeSecond": 0,
        "ConversationDateTimeSpan": 1767603600,
        "ResultID": 23,
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"phone": "101"}, "phone"),
        ({"direction": Direction.INTERNAL}, "direction"),
        ({"provider_call_id": ""}, "call_id"),
        ({"started_at": None}, "started_at"),
    ],
)
def test_w6_what_we_insist_on_is_named_before_anything_is_sent(changes, field):
    network = answering()

    with pytest.raises(InvalidRequest) as refusal:
        wapcrm(network).save_outcome(outcome(**changes))

    assert [error.field for error in refusal.value.errors] == [field]
    assert network.requests == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (answering(body=envelope(status=False, code="401")), Rejected),
        (answering(body=envelope(status=False, code="911")), OutcomeUnknown),
        (answering(500), OutcomeUnknown),
        (answering(200, b"<html>"), OutcomeUnknown),
    ],
)
def test_an_outcome_that_was_not_confirmed_is_not_saved_again(answer, error):
    with pytest.raises(error):
        wapcrm(answer).save_outcome(outcome())

    assert len(answer.requests) == 1


def test_a_report_that_is_no_list_is_unintelligible():
    with pytest.raises(Unintelligible):
        wapcrm(answering(body=envelope(data={"rows": []}))).history(since=MORNING, until=EVENING, offset=0, limit=9)
