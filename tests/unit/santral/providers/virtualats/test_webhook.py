import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from santral.calls import CallState
from santral.errors import NotAuthentic, NotUnderstood
from santral.providers.ports import Webhook
from santral.providers.virtualats.signature import KeyPair

SAMPLES = Path(__file__).parents[5] / "events" / "webhooks"
PRINTED = (SAMPLES / "virtualats_document_sample.body.txt").read_bytes()
HANGUP = (SAMPLES / "virtualats_hangup.body.json").read_bytes()
KEYS = KeyPair("1234567", "secret-key")


def hangup(**changes):
    return json.dumps({**json.loads(HANGUP), **changes}, ensure_ascii=False).encode()


def unsigned(body):
    return Webhook({"content-type": "application/json"}, body)


@pytest.fixture
def signed(clock):
    return lambda body: Webhook({"vats-authentication": KEYS.authentication(body, clock())}, body)


@pytest.mark.parametrize(
    ("sample", "state"),
    [("new", CallState.RINGING), ("update", CallState.ANSWERED), ("hangup", CallState.ENDED)],
)
@pytest.mark.operation("virtualats CRM notification")
def test_a_webhook_is_one_event_of_its_call(make_pbx, sample, state):
    (event,) = make_pbx().events(unsigned((SAMPLES / f"virtualats_{sample}.body.json").read_bytes()))

    assert (event.call_id, event.state) == ("virtualats:3489655c982f4e46b9c9ca975b031781", state)


def test_t12_the_sample_as_printed_means_the_same_as_in_json(make_pbx):
    pbx = make_pbx()

    assert pbx.events(unsigned(PRINTED)) == pbx.events(unsigned(HANGUP))


@pytest.mark.parametrize("body", [b"", b"{}", b" { }\r\n", b"\n"])
def test_a_probe_tells_nothing(make_pbx, body):
    assert make_pbx(require_signature=True).events(unsigned(body)) == []


@pytest.mark.parametrize(
    ("token", "ours"),
    [
        ("new-token", True),
        ("old-token", True),
        ("", False),
        ("new-toke", False),
        ("new-token ", False),
        ("\udcff", False),
    ],
)
def test_every_configured_path_token_opens_the_door(make_pbx, token, ours):
    assert make_pbx().authentic(token) is ours


@pytest.mark.parametrize("key", ["", "wrong", "1234567890abcdeF", None, 1234567890, ["1234567890abcdef"], "\ud800"])
def test_t3_a_wrong_api_key_is_not_authentic(make_pbx, key):
    body = json.dumps({**json.loads(HANGUP), "apiKey": key}).encode()

    with pytest.raises(NotAuthentic):
        make_pbx().events(unsigned(body))


def test_t3_a_missing_api_key_is_not_authentic(make_pbx):
    with pytest.raises(NotAuthentic):
        make_pbx().events(unsigned(b'{"callId": "1"}'))


def test_t3_a_signature_where_there_is_one_is_verified(make_pbx, signed):
    assert len(make_pbx().events(signed(HANGUP))) == 1

    with pytest.raises(NotAuthentic):
        make_pbx().events(Webhook(signed(HANGUP).headers, hangup(duration="9999")))


def test_t3_a_right_signature_does_not_make_up_for_a_wrong_api_key(make_pbx, signed):
    with pytest.raises(NotAuthentic):
        make_pbx().events(signed(hangup(apiKey="wrong")))


def test_t3_a_tenant_can_insist_on_a_signature(make_pbx, signed):
    pbx = make_pbx(require_signature=True)

    assert len(pbx.events(signed(HANGUP))) == 1
    with pytest.raises(NotAuthentic):
        pbx.events(unsigned(HANGUP))


@pytest.mark.parametrize("header", ["", "nonsense", "a:b", "1234567:1546300800000:00"])
def test_t3_a_malformed_signature_is_not_authentic(make_pbx, header):
    with pytest.raises(NotAuthentic):
        make_pbx().events(Webhook({"vats-authentication": header}, HANGUP))


def test_t2_the_signature_covers_the_bytes_received_not_their_meaning(make_pbx, signed):
    same_meaning = json.dumps(json.loads(HANGUP)).encode()

    with pytest.raises(NotAuthentic):
        make_pbx().events(Webhook(signed(HANGUP).headers, same_meaning))


def test_t2_the_signature_is_verified_before_the_body_is_repaired(make_pbx, signed):
    assert len(make_pbx().events(signed(PRINTED))) == 1

    with pytest.raises(NotAuthentic):
        make_pbx().events(Webhook(signed(HANGUP).headers, PRINTED))


def test_t2_a_wrong_signature_over_an_unreadable_body_is_not_authentic(make_pbx):
    with pytest.raises(NotAuthentic):
        make_pbx().events(Webhook({"vats-authentication": "1234567:1:2"}, b"\xff"))


@pytest.mark.parametrize("seconds", [-301, 301])
def test_t7_a_stale_signature_is_not_authentic(make_pbx, signed, clock, seconds):
    webhook = signed(HANGUP)
    clock.pass_seconds(seconds)

    with pytest.raises(NotAuthentic):
        make_pbx().events(webhook)


def test_t7_the_same_webhook_twice_is_the_same_event(make_pbx, signed):
    pbx, webhook = make_pbx(), signed(HANGUP)

    assert pbx.events(webhook)[0].fingerprint() == pbx.events(webhook)[0].fingerprint()


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"hello",
        b"null",
        b"[]",
        b'"1234567890abcdef"',
        b'{"apiKey": "1234567890abcdef"',
        b'{"apiKey": "1234567890abcdef", "apiKey": "1234567890abcdef"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"apiKey=1234567890abcdef&state=NEW",
    ],
)
def test_a_body_that_cannot_be_read_is_not_understood(make_pbx, body):
    with pytest.raises(NotUnderstood):
        make_pbx().events(unsigned(body))


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"callId": "../secret"}, "callId"),
        ({"state": "PAUSED-secret"}, "state"),
        ({"callDate": "secret"}, "callDate"),
        ({"duration": "secret", "talkTime": ["secret"]}, "duration, talkTime"),
        ({"source": {"secret": 1}}, "source"),
    ],
)
def test_what_is_not_understood_names_its_fields_and_quotes_nothing(make_pbx, changes, fields):
    with pytest.raises(NotUnderstood) as refusal:
        make_pbx().events(unsigned(hangup(**changes)))

    assert str(refusal.value) == f"not understood: {fields}"


def test_t4_the_acknowledgement_is_signed_over_the_very_bytes_sent(make_pbx, clock):
    acknowledgement = make_pbx().acknowledgement()

    assert acknowledgement.body == '{"result":"success","errors":[]}'
    assert acknowledgement.headers == {
        "content-type": "application/json",
        "vats-authentication": "1234567:1546300800000:e330db235298c466138406ef42d1d4cdbf27274d",
    }


def mutated(body, positions_and_bytes):
    content = bytearray(body)
    for position, byte in positions_and_bytes:
        content[position % len(content)] = byte
    return bytes(content)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=5), part, max_size=3),
    max_leaves=5,
)
BODIES = st.one_of(
    st.binary(max_size=200),
    st.builds(
        mutated,
        st.sampled_from([HANGUP, PRINTED]),
        st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=4),
    ),
    st.dictionaries(st.sampled_from(sorted(json.loads(HANGUP))), ANYTHING).map(
        lambda changes: json.dumps({**json.loads(HANGUP), **changes, "apiKey": "1234567890abcdef"}).encode()
    ),
)
HEADERS = st.just({}) | st.text(max_size=60).map(lambda value: {"vats-authentication": value})


@settings(max_examples=2500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES, headers=HEADERS)
def test_whatever_is_posted_ends_as_events_or_as_one_of_two_refusals(make_pbx, body, headers):
    try:
        events = make_pbx().events(Webhook(headers, body))
    except (NotAuthentic, NotUnderstood):
        return

    for event in events:
        assert event.written().encode()


def test_a_body_kept_from_long_ago_is_read_without_its_signature_but_not_without_its_key(make_pbx):
    pbx = make_pbx(require_signature=True)

    assert pbx.events_kept(HANGUP) == make_pbx().events(unsigned(HANGUP))
    with pytest.raises(NotAuthentic):
        pbx.events_kept(hangup(apiKey="of somebody else"))
    with pytest.raises(NotUnderstood):
        pbx.events_kept(b"{broken")
