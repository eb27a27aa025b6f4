import json
from base64 import b64decode
from datetime import timedelta

import pytest

from santral.calls import CallEvent, CallState, Direction, RecordingState, RecordLink
from santral.campaigns import CampaignKind, CampaignResultEvent
from santral.crm.leads import attempt_keys
from santral.errors import Conflict
from santral.messages import Message, MessageState
from santral.phone import anywhere
from santral.store.campaigns import CampaignEntry
from santral.store.directory import User
from santral.telephony.forgetting import forget
from santral.telephony.outbox import record
from santral.telephony.permalinks import call_handle

ELIF = "+905321234567"
MINE, PASSED_ON, OTHERS = "virtualats:mine", "virtualats:passed-on", "virtualats:others"


@pytest.fixture
def held(company, clock):
    """Elif's number in every place where one can lie, and another caller beside it."""
    tenant, holdings = company.tenant, company.holdings
    for call_id, told in {
        MINE: {"from_": "905321234567", "caller_name": "Elif", "recording_ref": "1"},
        PASSED_ON: {"from_": "905559998877", "transferred_to": "0532 123 45 67"},
        OTHERS: {"from_": "905559998877", "recording_ref": "2"},
    }.items():
        event = CallEvent(
            **{
                "call_id": call_id,
                "provider": "virtualats",
                "state": CallState.RINGING,
                "direction": Direction.INBOUND,
                "started_at": clock() - timedelta(minutes=1),
                **told,
            }
        )
        record(tenant, event)
        for folder in ("original", "playable"):
            for take in (b"first", b"second"):
                holdings.versions.put(f"recordings/{folder}/{call_handle(call_id)}.wav", take)
    for message_id, number in (("wapcrm:1", ELIF), ("wapcrm:2", "+905559998877")):
        tenant.messages.add(
            Message(
                message_id=message_id,
                provider="wapcrm",
                state=MessageState.ACCEPTED,
                to=number,
                text="Merhaba",
                sent_at=clock(),
            )
        )
    tenant.quarantine.keep("virtualats", b'{"source": "905321234567"', "broken")
    # Dropped by hand earlier, so only a version that is not the latest holds it.
    dropped = tenant.quarantine.keep("virtualats", b'{"source": "+90 532 123 45 67"', "broken")
    holdings.versions.put(f"quarantine/{dropped}.json", b"", is_marker=True)
    tenant.quarantine.keep("virtualats", b'{"source": "905559998877"', "broken")
    events, _ = holdings.dead_letters
    events.put('{"from":"905321234567"}', group=MINE)
    events.put('{"state":"ended"}', group=MINE)
    events.put('{"from":"905559998877"}', group=OTHERS)
    return company


def places_with(company, number):
    """Everything that still holds a number."""
    spelling = anywhere(number)
    texts = {pk: json.dumps(row) for pk, row in company.tenant.table.rows.items()}
    for version, content in company.holdings.versions.contents.items():
        if version.key.startswith("quarantine/") and not version.is_marker:
            texts[version.key] = b64decode(json.loads(content)["body"]).decode()
    texts |= {
        f"letter {key}": it.body for letters in company.holdings.dead_letters for key, it in letters.there.items()
    }
    return {place for place, text in texts.items() if spelling.search(text)}


def test_nothing_is_left_anywhere_and_everything_of_others_is(run, held):
    others = places_with(held, "+905559998877")
    printed = run(f"erase --phone {ELIF} --yes")

    assert places_with(held, ELIF) == set()
    assert places_with(held, "+905559998877") == others - {f"CALL#{PASSED_ON}"}
    left = {version.key for version in held.holdings.versions.contents if version.key.startswith("recordings/")}
    assert left == {f"recordings/{folder}/{call_handle(OTHERS)}.wav" for folder in ("original", "playable")}
    assert "Zoho CRM" in printed
    assert "2345" not in printed


def test_it_prints_what_it_removed(run, held):
    printed = run(f"erase --phone {ELIF} --yes").partition("Erased:")[2]

    counted = dict(line.rsplit(maxsplit=1) for line in printed.splitlines()[2:7])
    assert {what.strip(): int(count) for what, count in counted.items()} == {
        "calls": 2,
        "other rows (message)": 1,
        "versions of recordings": 8,
        "bodies in the quarantine": 2,
        "dead letters": 2,
    }


def test_a_permalink_still_knows_that_there_was_a_recording(run, held):
    run(f"erase --phone {ELIF} --yes")

    assert held.tenant.calls.get(MINE).recording.state is RecordingState.ERASED


def test_a_contact_of_a_campaign_goes_and_the_campaign_and_its_other_contacts_stay(run, held, clock):
    campaigns = held.tenant.campaigns
    campaigns.add(CampaignEntry(campaign_id="verimor:131", name="Anket", kind=CampaignKind.IVR, created_at=clock()))
    for lead, phone in (("1", "905321234567"), ("2", "905559998877")):
        campaigns.tell(
            CampaignResultEvent(
                provider="verimor", campaign_id="verimor:131", notification_id=lead, lead_id=lead, phone=phone
            )
        )
    run(f"erase --phone {ELIF} --yes")

    assert [result.phone for result in campaigns.results_of("verimor:131")] == ["+905559998877"]
    assert list(campaigns.results_for(ELIF)) == []
    assert campaigns.get("verimor:131").name == "Anket"


def test_a_dial_that_became_a_call_still_leads_to_it_when_both_are_erased(run, held, clock):
    told = {"provider": "kobikom", "direction": Direction.OUTBOUND, "from_": "101", "to": ELIF, "extension": "101"}
    dialled = CallEvent(call_id="kobikom:dial-1", state=CallState.REQUESTED, started_at=clock(), **told)
    held.tenant.calls.change(dialled.call_id, lambda entry: entry.told(dialled))
    record(
        held.tenant,
        CallEvent(call_id="kobikom:1", state=CallState.ENDED, started_at=clock(), channel="SIP/101-1", **told),
    )
    run(f"erase --phone {ELIF} --yes")

    assert held.tenant.calls.get(dialled.call_id).call_id == "kobikom:1"
    assert held.tenant.calls.get(dialled.call_id).erased_at


def test_that_a_lead_was_made_of_the_number_is_forgotten_as_well(run, held):
    rows = {number: attempt_keys(held.tenant, number) for number in (ELIF, "+905559998877")}
    for row_keys in rows.values():
        held.tenant.lead_attempts.begin(row_keys[0].partition("#")[2])
    assert "lead_attempt" in run(f"erase --phone {ELIF} --dry-run")

    run(f"erase --phone {ELIF} --yes")

    assert [pk for pk in held.tenant.table.rows if pk.startswith("LEAD_ATTEMPT#")] == rows["+905559998877"]


def test_whose_number_it_was_is_forgotten_as_well(run, held):
    for number in (ELIF, "+905559998877"):
        held.tenant.matches.keep(number, (RecordLink(module="Contacts", id="1", name="Elif"),), seconds=300)
    run(f"erase --phone {ELIF} --yes")

    assert held.tenant.matches.of(ELIF) is None
    assert [pk for pk in held.tenant.table.rows if pk.startswith("MATCH#")] == ["MATCH#+905559998877"]


def test_a_dry_run_erases_nothing_and_puts_up_no_tombstone(run, held):
    before = json.dumps(held.tenant.table.rows), dict(held.holdings.versions.contents)
    printed = run(f"erase --phone {ELIF} --dry-run")

    assert (json.dumps(held.tenant.table.rows), held.holdings.versions.contents) == before
    assert not held.holdings.dead_letters[0].in_hand
    assert "Nothing was erased." in printed


def test_it_asks_first(run, held):
    run(f"erase --phone {ELIF}", code=1, typed="n\n")
    assert places_with(held, ELIF)

    run("erase", typed="0532 123 45 67\ny\n")
    assert not places_with(held, ELIF)


def test_what_a_worker_writes_meanwhile_is_found_by_the_next_look(run, held, monkeypatch):
    erase = held.tenant.calls.erase

    def late(call_id):
        """Who looked for the tombstone before it stood writes after the table was read."""
        monkeypatch.setattr(held.tenant.calls, "erase", erase)
        monkeypatch.setattr("santral.telephony.outbox.erased", lambda *_: False)
        record(
            held.tenant,
            CallEvent(call_id="virtualats:late", provider="virtualats", state=CallState.RINGING, from_="905321234567"),
        )
        erase(call_id)

    monkeypatch.setattr(held.tenant.calls, "erase", late)
    run(f"erase --phone {ELIF} --yes")

    assert places_with(held, ELIF) == set()


def test_the_directory_is_the_companys_own_and_only_mentioned(run, held):
    held.tenant.directory.remember(User(email="elif@example.com", agent_number="05321234567"))
    printed = run(f"erase --phone {ELIF} --yes")

    assert "1 rows of the user directory" in printed
    assert held.tenant.directory.user("elif@example.com")


@pytest.mark.parametrize("number", ["101", "nobody"])
def test_what_is_no_number_is_refused(run, held, number):
    run(f"erase --phone {number} --yes", code=2)


def test_a_copy_that_was_on_its_way_is_erased_by_the_next_erasure(run, held):
    run(f"erase --phone {ELIF} --yes")
    held.holdings.versions.put(f"recordings/playable/{call_handle(MINE)}.mp3", b"late")
    printed = run("erase --phone +905559990000 --yes")

    assert not list(held.holdings.versions.under(f"recordings/playable/{call_handle(MINE)}"))
    assert "versions of recordings    1" in printed.partition("Erased:")[2]


def test_a_number_that_keeps_coming_in_is_said_to(run, held, monkeypatch):
    def told_again(call_id):
        held.tenant.table.rows[f"MESSAGE#{call_id}"] = {"pk": f"MESSAGE#{call_id}", "sk": "-", "to": ELIF}

    monkeypatch.setattr(held.tenant.calls, "erase", told_again)

    with pytest.raises(Conflict):
        forget(held.tenant, held.holdings, ELIF, lambda items, _what: items)


def test_one_recording_is_erased_and_its_call_stays(run, held, monkeypatch):
    monkeypatch.setattr("santral.telephony.recordings._LAST_BYTES_SECONDS", 0)
    printed = run(f"erase-recording {MINE} --dry-run")
    assert "Nothing was erased." in printed
    run(f"erase-recording {MINE}", code=1, typed="n\n")
    assert held.tenant.calls.get(MINE).recording.state is not RecordingState.ERASED

    assert "Erased: 4 versions." in run(f"erase-recording {MINE} --yes")
    assert held.tenant.calls.get(MINE).recording.state is RecordingState.ERASED
    assert held.tenant.calls.get(MINE).facts.text("from") == "905321234567"

    held.holdings.versions.put(f"recordings/playable/{call_handle(MINE)}.mp3", b"late")
    run("erase --phone +905559990000 --yes")
    assert not list(held.holdings.versions.under(f"recordings/playable/{call_handle(MINE)}"))
    assert len(held.holdings.dead_letters[0].there) == 3
