"""One call told of under several ids is one call: in the ledger, in every list, in the CRM."""

import itertools
import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from santral.calls import CallEvent, CallState, Direction, Disposition, RecordLink, iso
from santral.errors import UnknownCall
from santral.store.calls import Entry
from santral.store.directory import User
from santral.telephony import joining
from santral.telephony.dialling import DialRequest, dial, plan_dial
from santral.telephony.history import CallFilters, list_calls
from santral.telephony.joining import dial_id, live_id
from santral.telephony.outbox import fold, pay, record
from tests.fakes import Clock, MemorySecrets, make_tenant

ELIF = "+905321234567"
CHANNEL = "SIP/101-0000a3f2"
LIVE = live_id("kobikom", CHANNEL)
REAL = "kobikom:00112233aabbccdd"


@pytest.fixture
def tenant(tenant, zoho):
    tenant.settings = tenant.settings.model_copy(update={"providers": ("virtualats", "kobikom", "wapcrm")})
    tenant.directory.remember(
        User(
            email="mehmet@example.com",
            extensions={"kobikom": ("101",)},
            zoho_user_id=zoho.users.by_email("mehmet@example.com").id,
        )
    )
    return tenant


@pytest.fixture
def record_of_elif(zoho):
    elif_ = next(contact for contact in zoho.contacts() if contact["Last_Name"] == "Yılmaz")
    return RecordLink(module="Contacts", id=elif_["id"])


def dialled(tenant, number=1, *, user="ayse@example.com", link=None, to=ELIF, extension="101"):
    """A dial as `dial` leaves it for a provider that tells no id."""
    event = CallEvent(
        call_id=dial_id("kobikom", str(number)),
        provider="kobikom",
        state=CallState.REQUESTED,
        direction=Direction.OUTBOUND,
        from_=extension,
        to=to,
        extension=extension,
        started_at=tenant.clock(),
    )
    entry = Entry(call_id=event.call_id, first_seen_at=tenant.clock()).told(event)
    tenant.calls.add(entry.having(acting_user=user, record=link))
    return event.call_id


def live(tenant, state=CallState.RINGING, *, channel=CHANNEL, number="05321234567", seconds=3):
    return CallEvent(
        call_id=live_id("kobikom", channel),
        provider="kobikom",
        state=state,
        direction=Direction.OUTBOUND,
        from_="101",
        to=number,
        extension="101",
        channel=channel,
        started_at=tenant.clock() - timedelta(seconds=seconds),
    )


def recorded(tenant, *, call_id=REAL, channel=CHANNEL, started=0, to="05321234567", **told):
    """What the record of a call tells that began `started` seconds after the present moment."""
    began = tenant.clock() + timedelta(seconds=started)
    return CallEvent(
        **{
            "call_id": call_id,
            "provider": "kobikom",
            "state": CallState.ENDED,
            "direction": Direction.OUTBOUND,
            "disposition": Disposition.ANSWERED,
            "from_": "101",
            "to": to,
            "extension": "101",
            "channel": channel,
            "started_at": began,
            "ended_at": began + timedelta(seconds=40),
            "talk_seconds": 30,
            **told,
        }
    )


def listed(tenant):
    now = tenant.clock()
    day = {"since": now - timedelta(days=2), "until": now + timedelta(days=1), "limit": 50, "cursor": None}
    by_day = [call.call_id for call in list_calls(tenant, CallFilters(), **day).calls]
    by_phone = [call.call_id for call in list_calls(tenant, CallFilters(phone=ELIF), **day).calls]
    assert sorted(by_day) == sorted(by_phone)
    return by_day


def test_a_record_takes_over_the_dial_it_came_of_who_asked_and_for_which_contact(tenant, zoho, record_of_elif):
    dial_row = dialled(tenant, link=record_of_elif)
    event = recorded(tenant, started=4)
    tenant.clock.pass_seconds(600)
    record(tenant, event)

    [call] = zoho.calls()
    assert call["Owner"]["id"] == zoho.users.by_email("ayse@example.com").id
    assert call["Who_Id"]["id"] == record_of_elif.id
    assert tenant.calls.get(dial_row).call_id == REAL
    assert tenant.calls.get(REAL).facts.started_at == event.started_at
    assert listed(tenant) == [REAL]


@pytest.mark.parametrize(("started", "joins"), [(-6, False), (-5, True), (0, True), (120, True), (121, False)])
def test_a_dial_becomes_a_call_that_starts_from_5_s_before_to_120_s_after_it(tenant, started, joins):
    dial_row = dialled(tenant)
    fold(tenant, recorded(tenant, started=started))

    assert (tenant.calls.get(dial_row).call_id == REAL) == joins


@pytest.mark.parametrize(
    "other",
    [
        {"extension": "102", "from_": "102"},
        {"to": "05559998877"},
        {"direction": Direction.INBOUND, "from_": ELIF, "to": "101"},
    ],
    ids=["another extension", "another number", "the customer calls back"],
)
def test_another_call_is_not_what_was_dialled(tenant, other):
    dial_row = dialled(tenant)
    fold(tenant, recorded(tenant, started=2, **other))

    assert tenant.calls.get(dial_row).call_id == dial_row


def test_of_two_equal_dials_the_older_becomes_the_first_call_and_the_other_the_second(tenant):
    first = dialled(tenant, 1)
    tenant.clock.pass_seconds(30)
    second = dialled(tenant, 2)
    later = recorded(tenant, call_id="kobikom:2222222222222222", channel="SIP/101-2", started=2)
    fold(tenant, recorded(tenant, started=-28))
    fold(tenant, later)

    assert tenant.calls.get(first).call_id == REAL
    assert tenant.calls.get(second).call_id == later.call_id


def test_dials_of_several_users_or_records_are_ambiguous_and_none_is_taken(tenant, record_of_elif):
    first = dialled(tenant, 1)
    second = dialled(tenant, 2, link=record_of_elif)
    fold(tenant, recorded(tenant, started=3))

    entry = tenant.calls.get(REAL)
    assert (entry.acting_user, entry.record) == (None, None)
    assert [tenant.calls.get(each).call_id for each in (first, second)] == [first, second]


def test_a_dial_that_became_no_call_expires_after_a_day_and_is_never_logged(tenant, zoho):
    dial_row = dialled(tenant)
    tenant.clock.pass_seconds(24 * 3600)
    assert listed(tenant) == [dial_row]
    tenant.clock.pass_seconds(1)

    assert listed(tenant) == []
    with pytest.raises(UnknownCall):
        tenant.calls.get(dial_row)
    assert tenant.table.rows[f"CALL#{dial_row}"]["expires_at"] < tenant.clock().timestamp()
    assert zoho.calls() == []


def test_a_call_that_goes_on_tells_the_dial_it_came_of(tenant):
    dial_row = dialled(tenant)
    tenant.clock.pass_seconds(20)
    fold(tenant, live(tenant, CallState.ANSWERED, seconds=18))

    assert tenant.calls.get(dial_row).facts.state is CallState.ANSWERED
    assert tenant.calls.get(LIVE).call_id == dial_row
    assert listed(tenant) == [dial_row]


def test_a_call_that_goes_on_is_listed_and_its_record_takes_its_place(tenant, zoho):
    event = recorded(tenant)
    tenant.clock.pass_seconds(5)
    fold(tenant, live(tenant, seconds=5))
    assert listed(tenant) == [LIVE]
    assert tenant.calls.get(LIVE).facts.state is CallState.RINGING
    tenant.clock.pass_seconds(300)
    record(tenant, event)

    assert listed(tenant) == [REAL]
    assert tenant.calls.get(LIVE).call_id == REAL
    assert len(zoho.calls()) == 1


def test_a_live_call_of_which_no_end_is_told_is_dropped_after_four_hours(tenant):
    fold(tenant, live(tenant))
    tenant.clock.pass_seconds(4 * 3600 + 1)

    assert listed(tenant) == []
    with pytest.raises(UnknownCall):
        tenant.calls.get(LIVE)


def test_news_that_a_call_goes_on_that_come_after_its_record_tell_nothing(tenant):
    going_on = live(tenant, seconds=0)
    fold(tenant, recorded(tenant))
    before = tenant.calls.get(REAL)

    assert fold(tenant, going_on) is None
    assert listed(tenant) == [REAL]
    assert tenant.calls.get(REAL) == before


def test_news_that_a_call_goes_on_that_come_while_its_record_takes_its_place_tell_nothing(tenant, monkeypatch):
    fold(tenant, live(tenant))
    change, records = tenant.calls.change, [recorded(tenant, started=-3)]

    def slow(call_id, how):
        if call_id == LIVE and records:
            fold(tenant, records.pop())
        return change(call_id, how)

    monkeypatch.setattr(tenant.calls, "change", slow)

    assert fold(tenant, live(tenant, CallState.ANSWERED)) is None
    assert records == []
    assert tenant.calls.get(LIVE).call_id == REAL
    assert listed(tenant) == [REAL]


def test_a_channel_whose_name_comes_back_is_another_call(tenant):
    fold(tenant, live(tenant, CallState.ANSWERED))
    fold(tenant, recorded(tenant, started=-3))
    tenant.clock.pass_seconds(3600)
    fold(tenant, live(tenant))

    assert tenant.calls.get(LIVE).call_id == LIVE
    assert tenant.calls.get(LIVE).facts.state is CallState.RINGING
    assert sorted(listed(tenant)) == sorted([LIVE, REAL])


def test_the_record_of_a_call_that_told_a_dial_is_the_dials_even_with_other_numbers(tenant):
    dial_row = dialled(tenant)
    fold(tenant, live(tenant, seconds=0))
    fold(tenant, recorded(tenant, to="#31#5321234567", extension=None, from_="900"))

    assert tenant.calls.get(dial_row).call_id == REAL
    assert tenant.calls.get(LIVE).call_id == REAL
    assert tenant.calls.get(REAL).acting_user == "ayse@example.com"


def test_a_dial_of_one_who_is_forgotten_joins_nothing(tenant):
    dial_row = dialled(tenant)
    tenant.calls.erase(dial_row)
    fold(tenant, recorded(tenant, started=2))

    assert tenant.calls.get(REAL).acting_user is None


@pytest.mark.parametrize("writes", range(8))
def test_whoever_dies_between_two_writes_the_next_one_ends_with_the_same(tenant, zoho, writes, monkeypatch):
    dial_row = dialled(tenant)
    tenant.clock.pass_seconds(10)
    events = [live(tenant, CallState.ANSWERED, seconds=9), recorded(tenant, started=-9)]
    left = itertools.count(writes, -1)

    def dying(*_):
        if next(left) == 0:
            raise ConnectionError("died")

    add, replace = tenant.table.add, tenant.table.replace
    monkeypatch.setattr(tenant.table, "add", lambda row, *, now: (dying(), add(row, now=now))[1])
    monkeypatch.setattr(tenant.table, "replace", lambda row: (dying(), replace(row))[1])
    for event in events:
        try:
            claim = fold(tenant, event)
        except ConnectionError:
            claim = fold(tenant, event)
        pay(tenant, [claim])

    assert {tenant.calls.get(each).call_id for each in (dial_row, LIVE, REAL)} == {REAL}
    assert tenant.calls.get(REAL).acting_user == "ayse@example.com"
    assert listed(tenant) == [REAL]
    tenant.clock.pass_seconds(120)
    assert len(zoho.calls()) <= 1


def test_two_workers_never_give_one_dial_to_two_calls(tenant, monkeypatch):
    dial_row = dialled(tenant)
    rival = recorded(tenant, call_id="kobikom:2222222222222222", channel="SIP/101-2", started=3)
    around = tenant.calls.around
    answers = iter([lambda: fold(tenant, rival)])

    def slow(*asked, **period):
        found = around(*asked, **period)
        if work := next(answers, None):
            work()
        return found

    monkeypatch.setattr(tenant.calls, "around", slow)
    fold(tenant, recorded(tenant, started=2))

    assert tenant.calls.get(dial_row).call_id == rival.call_id
    assert tenant.calls.get(REAL).acting_user is None
    assert sorted(listed(tenant)) == sorted([REAL, rival.call_id])


def test_a_dial_that_the_index_does_not_show_yet_is_found_when_the_record_is_told_again(tenant, monkeypatch):
    dial_row = dialled(tenant)
    event = recorded(tenant, started=2)
    monkeypatch.setattr(tenant.calls, "around", lambda *_, **__: [])
    fold(tenant, event)
    monkeypatch.undo()
    fold(tenant, event)

    assert tenant.calls.get(dial_row).call_id == REAL
    assert tenant.calls.get(REAL).acting_user == "ayse@example.com"


def test_a_dial_through_a_provider_that_tells_no_id_gets_one_of_ours(tenant, monkeypatch):
    class Pbx:
        dial_options = frozenset()

        def dial(self, _order):
            return None

    monkeypatch.setattr(tenant, "provider", lambda _name, _ability: Pbx())
    entry = dial(
        tenant, plan_dial(tenant, DialRequest(to="0532 123 45 67", provider="kobikom"), user="mehmet@example.com")
    )
    fold(tenant, recorded(tenant, started=1))

    assert entry.call_id.startswith("kobikom:dial-")
    assert tenant.calls.get(entry.call_id).call_id == REAL


# --- any order -------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    dials=st.lists(st.integers(0, 200), min_size=0, max_size=3),
    calls=st.lists(st.tuples(st.integers(0, 320), st.booleans(), st.booleans()), min_size=1, max_size=3),
    seed=st.integers(0, 10_000),
)
def test_whatever_is_told_in_any_order_each_call_is_listed_once_and_each_dial_is_one_calls(dials, calls, seed):
    clock = Clock()
    tenant = make_tenant(clock=clock, secrets=MemorySecrets(), providers=("kobikom",))
    start = clock()
    rows = []
    for number, second in enumerate(dials):
        clock.now = start + timedelta(seconds=second)
        rows.append(dialled(tenant, number))
    clock.now = start
    events = []
    for number, (second, rings, repeated) in enumerate(calls):
        channel = f"SIP/101-{number}"
        real = recorded(tenant, call_id=f"kobikom:{number:016x}", channel=channel, started=second)
        events += [real] * (1 + repeated)
        if rings:
            events.append(
                live(tenant, channel=channel).model_copy(update={"started_at": real.started_at + timedelta(seconds=1)})
            )
    random.Random(seed).shuffle(events)
    clock.now = start + timedelta(seconds=330)
    for event in events:
        fold(tenant, event)

    reals = {event.call_id for event in events if event.state is CallState.ENDED}
    led = {row: tenant.calls.get(row).call_id for row in rows}
    joined = [call_id for call_id in led.values() if call_id in reals]
    assert len(joined) == len(set(joined))
    page = tenant.calls.on_day(iso(start)[:10], since="0", until="9", newest_first=False, limit=100, start=None)
    shown = [entry.call_id for entry in page.entries]
    assert sorted(shown) == sorted(reals | {row for row in rows if led[row] == row})
    before = {pk: {**row, "version": 0} for pk, row in tenant.table.rows.items()}
    for event in events:
        fold(tenant, event)
    assert {pk: {**row, "version": 0} for pk, row in tenant.table.rows.items()} == before


# --- conversations ---------------------------------------------------------------------------------------------------

GUID = "3489655c982f4e46b9c9ca975b031781"


def conversation(tenant, **told):
    return CallEvent(
        **{
            "call_id": f"wapcrm:{GUID}",
            "provider": "wapcrm",
            "state": CallState.ENDED,
            "direction": Direction.INBOUND,
            "disposition": Disposition.ANSWERED,
            "from_": ELIF,
            "started_at": tenant.clock() - timedelta(minutes=1),
            "talk_seconds": 20,
            "outcome": "Sale",
            "note": "wants an offer",
            **told,
        }
    )


def of_the_pbx(tenant, **told):
    return CallEvent(
        **{
            "call_id": f"virtualats:{GUID}",
            "provider": "virtualats",
            "state": CallState.ENDED,
            "direction": Direction.INBOUND,
            "disposition": Disposition.ANSWERED,
            "from_": ELIF,
            "extension": "101",
            "started_at": tenant.clock() - timedelta(minutes=2),
            "talk_seconds": 95,
            "recording_ref": "12345",
            **told,
        }
    )


@pytest.fixture
def wap_crm_calls(tenant):
    tenant.settings = tenant.settings.model_copy(update={"wap_crm_calls": True})


def test_a_conversation_about_a_known_call_is_that_call_and_adds_what_was_said_of_it(tenant, zoho):
    record(tenant, of_the_pbx(tenant))
    record(tenant, conversation(tenant))

    entry = tenant.calls.get(f"wapcrm:{GUID}")
    assert entry.call_id == f"virtualats:{GUID}"
    assert (entry.facts.text("outcome"), entry.facts.text("note")) == ("Sale", "wants an offer")
    assert (entry.facts.seconds["talk_seconds"], len(zoho.calls())) == (95, 1)


def test_a_conversation_of_no_known_call_is_nothing_unless_the_tenant_wants_them(tenant, zoho):
    record(tenant, conversation(tenant))

    assert joining.known_call(tenant, f"wapcrm:{GUID}") is None
    assert zoho.calls() == []


@pytest.mark.parametrize("told_again", [False, True])
def test_a_call_told_after_its_conversation_was_logged_is_folded_into_it(tenant, zoho, wap_crm_calls, told_again):
    record(tenant, conversation(tenant))
    for _ in range(1 + told_again):
        record(tenant, of_the_pbx(tenant))

    [call] = zoho.calls()
    entry = tenant.calls.get(f"virtualats:{GUID}")
    assert call["Santral_Call_ID"] == entry.call_id == f"wapcrm:{GUID}"
    assert (entry.pbx, entry.facts.text("recording_ref")) == ("virtualats", "12345")
    assert (entry.facts.text("extension"), entry.facts.seconds["talk_seconds"]) == ("101", 95)


def test_two_workers_with_a_call_and_its_conversation_agree_on_one_row(tenant, zoho, wap_crm_calls, monkeypatch):
    known = joining.known_call

    def overtaken(tenant, call_id):
        found = known(tenant, call_id)
        monkeypatch.undo()
        record(tenant, of_the_pbx(tenant))
        return found

    monkeypatch.setattr(joining, "known_call", overtaken)
    record(tenant, conversation(tenant))

    assert len(zoho.calls()) == 1
    assert tenant.calls.get(f"wapcrm:{GUID}").call_id == tenant.calls.get(f"virtualats:{GUID}").call_id
    assert tenant.calls.get(f"virtualats:{GUID}").facts.text("outcome") == "Sale"


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_in_any_order_a_call_its_hang_up_and_its_conversation_are_one_record(tenant, zoho, wap_crm_calls, order):
    told = [of_the_pbx(tenant, state=CallState.RINGING, talk_seconds=None), of_the_pbx(tenant), conversation(tenant)]
    for number in order:
        record(tenant, told[number])

    assert len(zoho.calls()) == 1
    assert tenant.calls.get(f"wapcrm:{GUID}") == tenant.calls.get(f"virtualats:{GUID}")


def test_an_outcome_saved_by_us_for_a_dial_stays_with_the_call_it_became(tenant):
    dial_row = dialled(tenant)
    tenant.calls.remember_alias("wapcrm:dial-1", dial_row)
    fold(tenant, recorded(tenant, started=2))
    fold(tenant, conversation(tenant, call_id="wapcrm:dial-1"))

    assert tenant.calls.get(REAL).facts.text("outcome") == "Sale"


def said_of(call_id, at):
    return CallEvent(
        call_id=call_id, provider="kobikom", state=CallState.REQUESTED, outcome="Sale", note="in May", said_at=at
    )


def test_what_is_said_of_a_dial_is_told_late_to_the_call_it_became(tenant):
    dial_row = dialled(tenant)
    fold(tenant, recorded(tenant, started=2))

    fold(tenant, said_of(dial_row, tenant.clock()))

    assert tenant.calls.get(REAL).facts.text("note") == "in May"
    assert listed(tenant) == [REAL]


def test_what_is_said_of_a_dial_while_it_is_joined_is_not_lost(tenant, monkeypatch):
    dial_row = dialled(tenant)
    change, joins = tenant.calls.change, [recorded(tenant, started=2)]

    def slow(call_id, how):
        if call_id == dial_row and joins:
            fold(tenant, joins.pop())
        return change(call_id, how)

    monkeypatch.setattr(tenant.calls, "change", slow)
    fold(tenant, said_of(dial_row, tenant.clock()))

    assert tenant.calls.get(REAL).facts.text("outcome") == "Sale"
