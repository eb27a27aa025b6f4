"""Vectors computed apart from the code, with an HMAC-SHA1 checked against RFC 2202."""

from datetime import UTC, datetime, timedelta

import pytest

from santral.providers.virtualats.signature import KeyPair

KEYS = KeyPair("1234567", "secret-key")
NOW = datetime(2019, 1, 1, tzinfo=UTC)
VECTORS = [
    ("", "1ce99396ab061a47da30b9cac498f3b5404948a7"),
    ("12345", "fbec3fb2b2696e7f63fb5df8adabf08e2c6e22a1"),
    ("3489655c982f4e46b9c9ca975b031781", "07431936b3fe1b295aa7dae40dc376caed3c80be"),
    ('{"result":"success","errors":[]}', "e330db235298c466138406ef42d1d4cdbf27274d"),
    ('{"callerId":"Hüseyn  <994557967473>"}', "903e2958cb5dbf3f507ac2250838cebcac91f140"),
]


@pytest.mark.parametrize(("signed", "sign"), VECTORS)
def test_the_header_is_public_key_token_and_sign(signed, sign):
    assert KEYS.authentication(signed.encode(), NOW) == f"1234567:1546300800000:{sign}"


@pytest.mark.parametrize(("signed", "sign"), VECTORS)
def test_a_signature_of_ours_is_verified(signed, sign):
    assert KEYS.verify(f"1234567:1546300800000:{sign}", signed.encode(), NOW)


def test_t8_a_public_key_may_hold_a_colon():
    keys = KeyPair("company:7", "secret-key")

    assert keys.verify(keys.authentication(b"body", NOW), b"body", NOW)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_t7_a_token_within_five_minutes_of_our_clock_is_fresh(seconds):
    assert KEYS.verify(KEYS.authentication(b"body", NOW), b"body", NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-301, -300.001, 300.001, 301])
def test_t7_a_token_further_from_our_clock_is_stale(seconds):
    assert not KEYS.verify(KEYS.authentication(b"body", NOW), b"body", NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "header",
    [
        "",
        ":",
        "::",
        "1234567",
        "1234567:3489655c982f4e46b9c9ca975b031781",
        "1234567:1546300800000:",
        "1234567:1546300800000:1ce99396ab061a47da30b9cac498f3b5404948a8",
        "7654321:1546300800000:1ce99396ab061a47da30b9cac498f3b5404948a7",
        "1234567:-1:1ce99396ab061a47da30b9cac498f3b5404948a7",
        "1234567:NaN:1ce99396ab061a47da30b9cac498f3b5404948a7",
        "1234567:" + "9" * 30 + ":1ce99396ab061a47da30b9cac498f3b5404948a7",
        "1234567:١٢٣:1ce99396ab061a47da30b9cac498f3b5404948a7",
        "1234567:1546300800000:\udcff",
        "a" * 100_000,
    ],
)
def test_a_malformed_or_foreign_header_is_not_ours(header):
    assert not KEYS.verify(header, b"", NOW)


def test_a_changed_body_is_noticed():
    assert not KEYS.verify(KEYS.authentication(b"body", NOW), b"body ", NOW)


def test_key_pairs_print_without_their_secret():
    assert "secret-key" not in repr(KEYS)
