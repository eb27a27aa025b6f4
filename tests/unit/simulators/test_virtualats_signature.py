from datetime import UTC, datetime, timedelta

import pytest

from simulators.virtualats_signature import KeyPair, sign

NEW_YEAR = datetime(2019, 1, 1, tzinfo=UTC)
TOKEN = "1546300800000"
KEYS = KeyPair("1234567", "secret-key")


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        ("", "1ce99396ab061a47da30b9cac498f3b5404948a7"),
        ("12345", "fbec3fb2b2696e7f63fb5df8adabf08e2c6e22a1"),
        ("3489655c982f4e46b9c9ca975b031781", "07431936b3fe1b295aa7dae40dc376caed3c80be"),
        ('{"result":"success","errors":[]}', "e330db235298c466138406ef42d1d4cdbf27274d"),
        ('{"callerId":"Hüseyn  <994557967473>"}', "903e2958cb5dbf3f507ac2250838cebcac91f140"),
    ],
)
def test_known_signatures(body, signature):
    assert sign("secret-key", TOKEN, body.encode()) == signature
    assert KEYS.authentication(body.encode(), NEW_YEAR) == f"1234567:{TOKEN}:{signature}"


def test_hmac_sha1_is_the_one_of_rfc_2202():
    assert sign("Jefe", "what do ya want ", b"for nothing?") == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"


@pytest.mark.parametrize(("age", "accepted"), [(0, True), (299, True), (-299, True), (301, False), (-301, False)])
def test_a_signature_counts_for_five_minutes_either_way(age, accepted):
    authentication = KEYS.authentication(b"x", NEW_YEAR)

    assert KEYS.accepts(authentication, b"x", NEW_YEAR + timedelta(seconds=age)) is accepted


def test_a_public_key_may_hold_a_colon():
    keys = KeyPair("a:b", "secret-key")

    assert keys.accepts(keys.authentication(b"x", NEW_YEAR), b"x", NEW_YEAR)


@pytest.mark.parametrize(
    "authentication",
    [
        "",
        ":",
        "::",
        "1234567",
        f"1234567:{TOKEN}",
        "1234567:3489655c982f4e46b9c9ca975b031781",  # two parts, as in one of the document's examples
        f"7654321:{TOKEN}:1ce99396ab061a47da30b9cac498f3b5404948a7",
        f"1234567:{TOKEN}:1ce99396ab061a47da30b9cac498f3b5404948a8",
        f"1234567:{TOKEN}:1CE99396AB061A47DA30B9CAC498F3B5404948A7",
        f"1234567:{TOKEN}:",
        f"1234567:{TOKEN}:ş",
        "1234567:nan:1ce99396ab061a47da30b9cac498f3b5404948a7",
        f"1234567:{'9' * 30}:1ce99396ab061a47da30b9cac498f3b5404948a7",
    ],
)
def test_anything_else_is_refused(authentication):
    assert not KEYS.accepts(authentication, b"", NEW_YEAR)
