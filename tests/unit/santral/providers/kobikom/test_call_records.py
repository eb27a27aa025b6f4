import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from santral.errors import NotUnderstood, Unintelligible
from santral.providers.kobikom.call_records import CallRecord, calls
from tests.fakes import Network, answering

ROOT = "/var/spool/asterisk/monitor"
FILE = f"{ROOT}/2019/10/24/out-05332730130-1004-20191024-150314-1571918594.40633.WAV"
OUTBOUND = {
    "arama_tarihi": "2026-01-15 12:00:00",
    "arayan_adi": "1004",
    "arayan_numara": "1004",
    "aranan_numara": "05321234567",
    "kaynak": "from-internal",
    "kanal": "SIP/1004-0000abcd",
    "ic_kanal": "SIP/trunk-0000abce",
    "sonislem": "Dial",
    "sondata": "SIP/trunk/05321234567,300,T",
    "sure": "75",
    "durum": "ANSWERED",
}
INBOUND = {
    "arama_tarihi": "2026-01-15 12:00:00",
    "arayan_adi": '"Ayşe Yılmaz" <05321234567>',
    "arayan_numara": "05321234567",
    "aranan_numara": "1004",
    "kaynak": "from-trunk",
    "kanal": "SIP/trunk-0000abcd",
    "ic_kanal": "SIP/1004-0000abce",
    "sonislem": "Dial",
    "sondata": "SIP/1004,20,tr",
    "sure": "75",
    "durum": "ANSWERED",
}
QUEUED = {
    **INBOUND,
    "aranan_numara": "10000",
    "kaynak": "ext-queues",
    "sonislem": "Queue",
    "sondata": "10000,t,,,30",
    "ic_kanal": "SIP/1004-0000abce",
}
# 2026-01-15 12:00:00 in Istanbul.
NOON = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)


def told(*rows, prefix="", root=ROOT):
    joined = calls(CallRecord.read(row) for row in rows)
    return [call.event(outside_prefix=prefix, recording_root=root) for call in joined]


def test_an_outbound_call_in_our_words():
    (event,) = told({**OUTBOUND, "dosya": FILE})

    assert event.model_dump(exclude_none=True, by_alias=True) == {
        "v": 1,
        "kind": "call",
        "call_id": event.call_id,
        "provider": "kobikom",
        "state": "ended",
        "direction": "outbound",
        "disposition": "answered",
        "from": "1004",
        "to": "+905321234567",
        "extension": "1004",
        "channel": "SIP/1004-0000abcd",
        "started_at": "2026-01-15T09:00:00+00:00",
        "ended_at": "2026-01-15T09:01:15+00:00",
        "talk_seconds": 75,
        "recording_ref": "2019/10/24/out-05332730130-1004-20191024-150314-1571918594.40633.WAV",
    }


def test_an_inbound_call_in_our_words():
    (event,) = told(INBOUND)

    assert (event.direction, event.from_, event.to, event.extension, event.caller_name) == (
        "inbound",
        "+905321234567",
        "1004",
        "1004",
        "Ayşe Yılmaz",
    )


def test_the_id_is_made_of_start_and_channel_as_they_were_told():
    (event,) = told({**OUTBOUND, "arama_tarihi": " 2026-01-15 12:00:00 "})

    digest = hashlib.sha256(b"2026-01-15 12:00:00|SIP/1004-0000abcd").hexdigest()
    assert event.call_id == f"kobikom:{digest[:16]}"


def test_p8_times_without_a_zone_are_istanbuls():
    (event,) = told(OUTBOUND)

    assert event.started_at == NOON


# --- legs ------------------------------------------------------------------------------------------------------------


def at(second, **changes):
    return {**INBOUND, "arama_tarihi": f"2026-01-15 12:00:{second:02}", **changes}


def test_of_a_calls_legs_the_answered_one_tells_it_and_the_earliest_names_it():
    rang = at(0, ic_kanal="SIP/1005-1", aranan_numara="1005", durum="NO ANSWER", sure="20")
    answered = at(2, ic_kanal="SIP/1004-0000abce", durum="ANSWERED", sure="5")

    (event,) = told(answered, rang)

    assert event.call_id == told(rang)[0].call_id
    assert (event.disposition, event.extension, event.talk_seconds) == ("answered", "1004", 5)
    assert event.started_at == NOON
    assert event.ended_at == NOON + timedelta(seconds=7)


def test_legs_come_in_any_order_and_again():
    legs = [at(0, durum="NO ANSWER"), at(1, durum="BUSY"), at(2, sure="9")]

    events = [told(*order) for order in (legs, legs[::-1], legs * 2)]

    assert events[0] == events[1] == events[2]


def after(seconds, row=INBOUND, **changes):
    local = datetime(2026, 1, 15, 12) + timedelta(seconds=seconds)
    return {**row, "arama_tarihi": f"{local}", **changes}


def test_a_later_call_on_the_same_channel_is_another_call():
    """A channel's name comes back when the PBX was restarted, and not while the channel exists."""
    later = timedelta(seconds=75 + 121)

    assert [event.started_at for event in told(after(75 + 121), at(0))] == [NOON, NOON + later]


def test_a_call_that_is_handed_on_is_one_call():
    """The caller's channel goes on, and leaves a second row when the colleague has talked."""
    taken = after(0, sure="30")
    handed_on = after(
        30 + 9, arayan_numara="05321234567", aranan_numara="1007", ic_kanal="SIP/1007-0000abcf", sure="45"
    )

    (event,) = told(handed_on, taken)

    assert event.call_id == told(taken)[0].call_id
    assert (event.direction, event.extension, event.transferred_to) == ("inbound", "1004", "1007")
    assert event.talk_seconds == 30 + 45
    assert event.ended_at == NOON + timedelta(seconds=30 + 9 + 45)


def test_a_dialled_call_that_is_handed_on_is_one_outbound_call():
    """The customer's channel was the called one; handed on, it leaves a row that looks like a call of the customer."""
    taken = after(0, OUTBOUND, sure="30")
    handed_on = after(35, kanal="SIP/trunk-0000abce", ic_kanal="SIP/1007-1", aranan_numara="1007", sure="20")

    (event,) = told(taken, handed_on)

    assert event.call_id == told(taken)[0].call_id
    assert (event.direction, event.to, event.extension) == ("outbound", "+905321234567", "1004")
    assert (event.transferred_to, event.talk_seconds) == ("1007", 50)


def test_a_call_is_handed_on_again_and_again():
    rows = [after(100 * number, sure="90", ic_kanal=f"SIP/{1004 + number}-1") for number in range(4)]

    (event,) = told(*rows, *[{**row, "dosya": FILE} for row in rows])

    assert event.talk_seconds == 4 * 90


def test_a_phone_that_did_not_answer_goes_on_to_nothing():
    rang = after(0, durum="NO ANSWER", sure="20")
    dials = after(21, OUTBOUND, kanal=rang["ic_kanal"])

    assert len(told(rang, dials)) == 2


def test_a_queue_that_rings_again_is_one_call():
    first = after(0, QUEUED, durum="NO ANSWER", sure="0")
    second = after(20, QUEUED, durum="NO ANSWER", sure="0", ic_kanal="SIP/1007-1")
    third = after(40, QUEUED, sure="10")

    (event,) = told(first, second, third)

    assert (event.disposition, event.talk_seconds, event.started_at) == ("answered", 10, NOON)


# --- campaigns -------------------------------------------------------------------------------------------------------

BY_MACHINE = {**OUTBOUND, "arayan_numara": "10000", "kanal": "Local/05321234567@from-internal-0000002a;2"}


def test_a_call_of_the_campaigns_dialler_is_a_campaigns():
    (event,) = told(BY_MACHINE)

    assert (event.campaign_id, event.direction, event.to) == ("kobikom:-", "outbound", "+905321234567")


@pytest.mark.parametrize(
    "channel", ["SIP/1004-0000abcd", "Local/1004@from-internal-0000002a;2", "Local/05329999999@x;1"]
)
def test_a_call_on_any_other_channel_is_not(channel):
    (event,) = told({**BY_MACHINE, "kanal": channel})

    assert event.campaign_id is None


def test_calls_at_one_moment_on_two_channels_are_two():
    assert len({event.call_id for event in told(INBOUND, OUTBOUND)}) == 2


def test_the_recording_of_any_leg_is_the_calls():
    (event,) = told(at(0), at(0, durum="NO ANSWER", dosya=FILE))

    assert event.disposition == "answered"
    assert event.recording_ref.endswith("40633.WAV")


# --- what a record means ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("durum", "disposition", "reason"),
    [
        ("ANSWERED", "answered", None),
        ("answered", "answered", None),
        ("NO ANSWER", "no_answer", None),
        ("NO_ANSWER", "no_answer", None),
        ("CANCEL", "no_answer", None),
        ("BUSY", "busy", None),
        ("FAILED", "failed", None),
        ("CONGESTION", "failed", None),
        ("CHANUNAVAIL", "failed", None),
        ("Durum", "unknown", "Durum"),
        ("", "unknown", None),
    ],
)
def test_dispositions_in_our_words(durum, disposition, reason):
    (event,) = told({**OUTBOUND, "durum": durum})

    assert (event.disposition, event.reason) == (disposition, reason)


def test_an_unanswered_calls_seconds_are_no_talk():
    (event,) = told({**OUTBOUND, "durum": "NO ANSWER", "sure": "20"})

    assert (event.talk_seconds, event.ring_seconds) == (0, 20)


@pytest.mark.parametrize(
    ("sure", "seconds"),
    [
        (75, 75),
        ("75", 75),
        (" 75 ", 75),
        ("00:01:15", 75),
        ("0", 0),
        ("", None),
        ("Süre", None),
        (None, None),
        ("-5", None),
    ],
)
def test_a_duration_is_written_in_several_ways(sure, seconds):
    (event,) = told({**OUTBOUND, "sure": sure})

    assert event.talk_seconds == seconds


def test_who_waited_in_a_queue_and_reached_nobody_was_not_answered():
    (event,) = told({**QUEUED, "ic_kanal": ""})

    assert (event.disposition, event.reason, event.talk_seconds) == ("no_answer", "abandoned", 0)


def test_a_queues_call_names_the_queue_and_who_answered():
    (event,) = told(QUEUED)

    assert (event.direction, event.disposition, event.queue, event.extension) == (
        "inbound",
        "answered",
        "10000",
        "1004",
    )


def test_a_queue_is_nobodys_extension():
    (event,) = told({**QUEUED, "sonislem": "Hangup", "sondata": "", "ic_kanal": "", "durum": "NO ANSWER"})

    assert (event.queue, event.extension) == ("10000", None)


def test_an_agents_channel_names_the_agent():
    (event,) = told({**QUEUED, "ic_kanal": "Agent/1000"})

    assert (event.agent, event.extension) == ("1000", None)


@pytest.mark.parametrize(
    ("changes", "direction", "extension", "to"),
    [
        ({}, "outbound", "1004", "+905321234567"),
        ({"aranan_numara": "1005"}, "internal", "1004", "1005"),
        ({"aranan_numara": "*45"}, "internal", "1004", "*45"),
        ({"aranan_numara": "00442071838750"}, "outbound", "1004", "+442071838750"),
        ({"aranan_numara": "4441444"}, "outbound", "1004", "+904441444"),
        # A dial of ours may show the customer or our line as the source: the channel tells who it was.
        ({"arayan_numara": "08502221111"}, "outbound", "1004", "+905321234567"),
        ({"kanal": "PJSIP/1004-0000abcd"}, "outbound", "1004", "+905321234567"),
        ({"kanal": "Local/1004@from-internal-0000abcd;1", "arayan_numara": ""}, "outbound", "1004", "+905321234567"),
        ({"kaynak": "from-trunk", "ic_kanal": ""}, "inbound", None, "+905321234567"),
        ({"kanal": "SIP/trunk-0000abcd", "arayan_numara": "anonymous"}, "inbound", None, "+905321234567"),
    ],
)
def test_direction_and_extension_come_from_numbers_channels_and_context(changes, direction, extension, to):
    (event,) = told({**OUTBOUND, **changes})

    assert (event.direction, event.extension, event.to) == (direction, extension, to)


def test_an_outside_line_is_told():
    (outbound,) = told({**OUTBOUND, "arayan_numara": "08502221111"})
    (inbound,) = told({**INBOUND, "aranan_numara": "08502221111"})

    assert (outbound.line, inbound.line) == ("+908502221111", "+908502221111")


@pytest.mark.parametrize("number", ["905321234567", "05321234567"])
def test_what_is_dialled_to_get_outside_is_no_part_of_the_number(number):
    (event,) = told({**OUTBOUND, "aranan_numara": number}, prefix="9")

    assert event.to == "+905321234567"


@pytest.mark.parametrize(
    "file",
    [
        "/etc/passwd",
        "/var/spool/asterisk/monitor-2/a.wav",
        f"{ROOT}/../../passwd.wav",
        f"{ROOT}/2019/./a.wav",
        f"{ROOT}//a.wav",
        f"{ROOT}/a.sh",
        f"{ROOT}/.wav",
        f"{ROOT}/a b.wav",
        f"{ROOT}/{'a/' * 130}a.wav",
        "a.wav",
        "Dosya",
    ],
)
def test_a_file_elsewhere_is_no_recording(file):
    (event,) = told({**OUTBOUND, "dosya": file})

    assert event.recording_ref is None


def test_a_recording_may_lie_under_another_folder():
    (event,) = told({**OUTBOUND, "dosya": "/mnt/rec/2026/a.mp3"}, root="/mnt/rec/")

    assert event.recording_ref == "2026/a.mp3"


@pytest.mark.parametrize(
    "row",
    [
        None,
        "...",
        [],
        {},
        {**OUTBOUND, "kanal": ""},
        {**OUTBOUND, "kanal": "x" * 300},
        {**OUTBOUND, "arama_tarihi": "Arama Tarihi"},
        {**OUTBOUND, "arama_tarihi": "2026-13-40 99:99:99"},
        {**OUTBOUND, "arama_tarihi": ["2026-01-15 12:00:00"]},
    ],
)
def test_a_record_without_start_or_channel_is_not_understood(row):
    with pytest.raises(NotUnderstood):
        CallRecord.read(row)


# --- pages -----------------------------------------------------------------------------------------------------------


def minute(number, **changes):
    return {
        **OUTBOUND,
        "arama_tarihi": f"2026-01-15 12:{number:02}:00",
        "kanal": f"SIP/1004-000000{number:02}",
        **changes,
    }


def history(pbx, offset=0, limit=100, since=NOON, until=NOON + timedelta(hours=1)):
    return pbx.history(since=since, until=until, offset=offset, limit=limit)


def records(by_module, calls=(), sounds=()):
    return by_module(callRecords=as_json(calls), soundRecords=as_json(sounds))


def as_json(rows):
    return answering(body={"result": "true", "activecalls": list(rows)}).answer(None)[2]


def test_history_is_told_oldest_first_in_pages(make_pbx, by_module):
    pbx = make_pbx(records(by_module, [minute(number) for number in (4, 3, 2, 1, 0)]))

    pages = [history(pbx, offset, limit=2) for offset in (0, 2, 4, 6)]

    assert [page.rows for page in pages] == [2, 2, 1, 0]
    assert [event.started_at.minute for page in pages for event in page.events] == [0, 1, 2, 3, 4]


def test_history_keeps_to_the_period_bounds_included(make_pbx, by_module):
    pbx = make_pbx(records(by_module, [minute(number) for number in range(5)]))

    page = history(pbx, since=NOON + timedelta(minutes=1), until=NOON + timedelta(minutes=3))

    assert [event.started_at.minute for event in page.events] == [1, 2, 3]
    assert page.rows == 3


def test_a_leg_just_before_the_period_keeps_its_call_out_of_it(make_pbx, by_module):
    first, second = at(0, durum="NO ANSWER"), at(1)
    pbx = make_pbx(records(by_module, [second, first]))

    assert history(pbx, since=NOON + timedelta(seconds=1)).events == []


def test_recordings_stand_in_records_of_their_own(make_pbx, by_module):
    pbx = make_pbx(records(by_module, [minute(1), minute(0)], [minute(1, dosya=FILE)]))

    assert [bool(event.recording_ref) for event in history(pbx).events] == [False, True]


def test_a_recorded_call_that_only_the_recordings_tell_of_is_told(make_pbx, by_module):
    pbx = make_pbx(records(by_module, [], [minute(1, dosya=FILE)]))

    assert history(pbx).rows == 1


def test_a_bad_row_hides_no_other_and_is_counted(make_pbx, by_module, counted):
    pbx = make_pbx(records(by_module, [minute(0), {"kanal": "x"}, "row", minute(1)]))

    assert history(pbx).rows == 2
    assert counted == {"rows_not_understood": 2}


class Archive:
    """A PBX of many records, which answers with the newest ones up to the limit asked for."""

    def __init__(self, rows):
        self.rows = rows
        self.limits = []
        self.network = Network(self.answer)

    def answer(self, request):
        if "module=soundRecords" in request.url:
            return 200, {}, as_json([])
        limit = int(dict(pair.split("=") for pair in request.body.decode().split("&"))["limit"])
        self.limits.append(limit)
        return 200, {}, as_json(self.rows[:limit])


def busy_day(number, *, every=1, newest_first=True):
    """Return a record every second, or so many, up to one o'clock."""
    end = datetime(2026, 1, 15, 13)
    rows = [
        {
            "arama_tarihi": f"{end - timedelta(seconds=every * second)}",
            "kanal": f"SIP/1004-{second:08x}",
            "durum": "ANSWERED",
        }
        for second in range(number)
    ]
    return rows if newest_first else rows[::-1]


def test_no_more_is_read_than_reaches_back_behind_the_period(make_pbx):
    """So far behind it that a leg whose call began earlier finds its call."""
    archive = Archive(busy_day(4000, every=30))

    page = history(make_pbx(archive.network), since=NOON + timedelta(minutes=50))

    assert archive.limits == [1000]
    assert page.rows == 2 * 10 + 1


def test_a_leg_of_a_call_that_began_long_before_the_period_is_no_call_of_its_own(make_pbx):
    handed_on = {"arama_tarihi": "2026-01-15 12:59:59", "kanal": "SIP/trunk-1", "durum": "ANSWERED"}
    taken = {"arama_tarihi": "2026-01-15 09:00:00", "kanal": "SIP/trunk-1", "durum": "ANSWERED", "sure": "14390"}
    rows = sorted([handed_on, taken, *busy_day(4000, every=30)], key=lambda row: row["arama_tarihi"], reverse=True)

    page = history(make_pbx(Archive(rows).network), since=NOON + timedelta(minutes=50))

    assert "SIP/trunk-1" not in [event.channel for event in page.events]


def test_a_busy_day_is_read_with_a_greater_limit(make_pbx):
    archive = Archive(busy_day(5000))

    page = history(make_pbx(archive.network), limit=5000)

    assert archive.limits == [1000, 8000]
    assert page.rows == 3601


def test_rows_in_another_order_than_asked_for_are_read_to_the_end(make_pbx):
    archive = Archive(busy_day(1500, newest_first=False))

    history(make_pbx(archive.network), since=NOON + timedelta(minutes=50))

    assert archive.limits == [1000, 8000]


def test_a_day_beyond_all_bounds_is_not_taken_for_a_whole_one(make_pbx, monkeypatch):
    monkeypatch.setattr("santral.providers.kobikom.client.HISTORY_STEPS", (10, 20))
    archive = Archive(busy_day(50))

    with pytest.raises(Unintelligible):
        history(make_pbx(archive.network))
    assert archive.limits == [10, 20]
