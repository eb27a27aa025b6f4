from datetime import UTC, datetime

import pytest

from santral.calls import Direction
from santral.providers.kobikom.live import ActiveChannel, AgentCall, live_calls
from santral.providers.ports import LiveCall

NOW = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)


def channel(kanal, islem, data, *, yon="Up", dahili="", arayan_numara="", kaynak="from-internal", sure="10"):
    """Return a row as the document prints it: padded texts."""
    row = {
        "kanal": kanal,
        "kaynak": kaynak,
        "dahili": dahili,
        "oncelik": "1",
        "yon": yon,
        "islem": islem,
        "data": data,
        "arayan_numara": arayan_numara,
        "sure": sure,
    }
    return ActiveChannel.read({name: f" {value} " for name, value in row.items()})


def agent(number, phone, since="2026-01-15 12:29:30"):
    return AgentCall.read({"agentnumber": number, "fechainicio": since, "phone": phone})


def told(channels, agents=(), prefix=""):
    return live_calls(channels, list(agents), outside_prefix=prefix, now=NOW)


def calling_out(number="05321234567", extension="1004", *, trunk=1, yon="Up", leg="Up"):
    return [
        channel(
            f"SIP/{extension}-0000000{trunk}",
            "Dial",
            f"SIP/trunk/{number},300,T",
            dahili=number,
            arayan_numara=extension,
            yon=yon,
        ),
        channel(f"SIP/trunk-0000001{trunk}", "AppDial", "(Outgoing Line)", arayan_numara=number, yon=leg),
    ]


def calling_in(number="05321234567", extension="1004", *, yon="Up", leg="Up"):
    return [
        channel(
            "SIP/trunk-000000a1",
            "Dial",
            f"SIP/{extension},20,tr",
            dahili=extension,
            arayan_numara=number,
            kaynak="from-trunk",
            yon=yon,
        ),
        channel(f"SIP/{extension}-000000a2", "AppDial", "(Outgoing Line)", arayan_numara=extension, yon=leg),
    ]


def waiting(number="05321234567", *, queue="10000", sure="30", name="SIP/trunk-000000b1"):
    return channel(name, "Queue", f"{queue},t,,", dahili=queue, arayan_numara=number, kaynak="ext-queues", sure=sure)


def queue_rings(extension="1004", *, yon="Ringing"):
    return channel(f"SIP/{extension}-000000c1", "AppQueue", "(Outgoing Line)", arayan_numara=extension, yon=yon)


def test_an_outbound_calls_channels_are_one_call():
    assert told(calling_out()) == [
        LiveCall("SIP/1004-00000001", "answered", "outbound", extension="1004", number="05321234567", seconds=10)
    ]


def test_an_inbound_calls_channels_are_one_call():
    assert told(calling_in()) == [
        LiveCall("SIP/trunk-000000a1", "answered", "inbound", extension="1004", number="05321234567", seconds=10)
    ]


def test_a_colleagues_extension_is_an_internal_calls_number():
    channels = [
        channel("SIP/1004-01234567", "Dial", "SIP/1005,20", dahili="1005", arayan_numara="1004"),
        channel("SIP/1005-01234568", "AppDial", "(Outgoing Line)", arayan_numara="1005"),
    ]

    assert told(channels) == [
        LiveCall("SIP/1004-01234567", "answered", "internal", extension="1004", number="1005", seconds=10)
    ]


@pytest.mark.parametrize(
    ("yon", "leg", "state"),
    [
        ("Up", "Up", "answered"),
        ("Up", "Ringing", "ringing"),
        ("Ring", "Ringing", "ringing"),
        ("Down", "Down", "ringing"),
        ("?", "?", "ringing"),
    ],
)
def test_a_call_is_answered_when_both_its_ends_are_up(yon, leg, state):
    assert [call.state for call in told(calling_out(yon=yon, leg=leg))] == [state]


def test_calls_over_one_trunk_keep_their_numbers():
    first, second = calling_out("05321111111", "1004", trunk=1), calling_out("05322222222", "1005", trunk=2, leg="Ring")

    calls = told([second[1], first[1], first[0], second[0]])

    assert [(call.extension, call.number, call.state) for call in calls] == [
        ("1004", "05321111111", "answered"),
        ("1005", "05322222222", "ringing"),
    ]


def test_the_phone_that_was_picked_up_is_the_calls_extension():
    caller = calling_in(extension="1004")[0]
    rings = channel("SIP/1004-0000000e", "AppDial", "(Outgoing Line)", yon="Ringing", arayan_numara="05321234567")
    talks = channel("SIP/1005-0000000f", "AppDial", "(Outgoing Line)", yon="Up", arayan_numara="05321234567")

    assert [call.extension for call in told([caller, rings, talks])] == ["1005"]


def test_an_extension_dialling_out_names_its_number_in_its_data_too():
    (call,) = told([channel("SIP/1004-0000000e", "Dial", "SIP/trunk/05321234567,300", dahili="s")])

    assert (call.direction, call.number) == ("outbound", "05321234567")


@pytest.mark.parametrize(("yon", "direction"), [("Giden", "outbound"), ("Gelen", "inbound"), ("inbound", "inbound")])
def test_a_column_that_tells_the_direction_is_taken_at_its_word(yon, direction):
    (call,) = told([channel("SIP/trunk-0000000e", "Dial", "", arayan_numara="05321234567", yon=yon)])

    assert (call.direction, call.state) == (direction, "ringing")


def test_what_is_dialled_to_get_outside_is_no_part_of_the_number():
    assert [call.number for call in told(calling_out("905321234567"), prefix="9")] == ["05321234567"]


def test_a_campaigns_call_goes_out_to_its_contact_and_is_no_call_of_its_queue():
    dialler = channel(
        "Local/05321234567@from-internal-0000002a;2",
        "Dial",
        "SIP/kobikom/05321234567,300,T",
        dahili="05321234567",
        arayan_numara="10000",
    )
    contact = channel("SIP/kobikom-0000002b", "AppDial", "(Outgoing Line)", arayan_numara="05321234567")

    [call] = told([dialler, contact])

    assert (call.direction, call.number, call.extension) == (Direction.OUTBOUND, "05321234567", None)


def test_a_called_channel_whose_caller_is_gone_stands_alone():
    alone = channel("SIP/1004-0000000e", "AppDial", "(Outgoing Line)", arayan_numara="05321234567")

    assert told([alone]) == [
        LiveCall("SIP/1004-0000000e", "answered", extension="1004", number="05321234567", seconds=10)
    ]


def test_a_row_without_a_channel_is_none():
    assert ActiveChannel.read({"kaynak": "x"}) is None
    assert ActiveChannel.read("...") is None
    assert AgentCall.read({"phone": "1"}) is None


# --- queues and agents -----------------------------------------------------------------------------------------------


def test_who_waits_in_a_queue_rings_though_the_queue_has_answered():
    assert told([waiting()]) == [
        LiveCall("SIP/trunk-000000b1", "ringing", "inbound", number="05321234567", queue="10000", seconds=30)
    ]


def test_a_queues_phones_ring_for_who_has_waited_longest():
    older, newer = waiting("05321111111", sure="40"), waiting("05322222222", sure="5", name="SIP/trunk-000000b2")

    calls = {call.number: call for call in told([newer, older, queue_rings()])}

    assert calls["05321111111"].extension == "1004"
    assert calls["05322222222"].extension is None
    assert len(calls) == 2


def test_who_talks_to_an_agent_is_told_by_the_agents_call():
    (call,) = told([waiting(), queue_rings(yon="Up")], [agent("1000", "05321234567")])

    assert (call.state, call.extension, call.agent, call.queue) == ("answered", "1004", "1000", "10000")


def test_of_several_callers_the_one_of_the_agent_with_the_extensions_number_is_meant():
    callers = [waiting("05321111111"), waiting("05322222222", name="SIP/trunk-000000b2")]
    talks = [queue_rings("1004", yon="Up"), queue_rings("1005", yon="Up")]
    agents = [agent("1005", "05321111111"), agent("1004", "05322222222")]

    calls = told([*callers, *talks], agents)

    assert [(call.number, call.extension, call.agent) for call in calls] == [
        ("05321111111", "1005", "1005"),
        ("05322222222", "1004", "1004"),
    ]


def test_who_of_several_callers_an_extension_talks_to_is_never_guessed():
    callers = [waiting("05321111111"), waiting("05322222222", name="SIP/trunk-000000b2")]
    agents = [agent("7001", "05321111111"), agent("7002", "05322222222")]

    calls = told([*callers, queue_rings("1004", yon="Up"), queue_rings("1005", yon="Up")], agents)

    assert [(call.number, call.extension, call.agent, call.state) for call in calls] == [
        ("05321111111", None, "7001", "answered"),
        ("05322222222", None, "7002", "answered"),
        (None, "1004", None, "answered"),
        (None, "1005", None, "answered"),
    ]


def test_two_callers_without_a_number_are_never_taken_for_one():
    callers = [waiting(""), waiting("", name="SIP/trunk-000000b2")]

    calls = told([*callers, queue_rings("1004", yon="Up")])

    assert [call.extension for call in calls] == [None, None, "1004"]


def test_a_second_call_that_rings_at_a_busy_extension_is_another_call():
    second = calling_in("05337654321", "1004", yon="Ring", leg="Ringing")

    calls = told([*calling_out(), *second])

    assert [(call.number, call.state) for call in calls] == [("05321234567", "answered"), ("05337654321", "ringing")]


def test_a_queue_that_rings_at_a_busy_extension_is_no_part_of_its_call():
    internal = [
        channel("SIP/1005-01234567", "Dial", "SIP/1004,20", dahili="1004", arayan_numara="1005"),
        channel("SIP/1004-01234568", "AppDial", "(Outgoing Line)", arayan_numara="1004"),
    ]

    calls = told([*internal, waiting(), queue_rings("1004")])

    assert [(call.number, call.extension, call.state) for call in calls] == [
        ("1004", "1005", "answered"),
        ("05321234567", "1004", "ringing"),
    ]


def test_an_agents_call_with_one_customer_is_not_the_extensions_call_with_another():
    calls = told(calling_in("05321234567", "1004"), [agent("1004", "05337654321")])

    assert [(call.number, call.agent) for call in calls] == [("05321234567", None), ("05337654321", "1004")]


def test_an_agents_call_without_a_channel_is_told_all_the_same():
    assert told([], [agent("Agent/1000", "05321234567")]) == [
        LiveCall("Agent/1000", "answered", number="05321234567", agent="1000", seconds=30)
    ]


def test_when_an_agents_call_began_may_be_a_word():
    (call,) = told([], [agent("1000", "05321234567", since="Konuşuyor")])

    assert call.seconds is None


def test_numbers_are_the_same_however_they_are_written():
    (call,) = told(calling_in("+905321234567"), [agent("1000", "5321234567")])

    assert call.agent == "1000"
