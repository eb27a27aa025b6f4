import pytest
from pydantic import TypeAdapter, ValidationError

from santral.providers.credentials import BaseUrl, Key, MaybePlainUrl, SecretKey, is_encrypted


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://web.vats.az/vats/api", "https://web.vats.az/vats/api"),
        ("https://web.vats.az/vats/api/", "https://web.vats.az/vats/api"),
        ("http://127.0.0.1:8081/vats/api", "http://127.0.0.1:8081/vats/api"),
        ("http://[::1]:8081", "http://[::1]:8081"),
        ("http://localhost:8081", "http://localhost:8081"),
    ],
)
def test_an_address_is_https_or_on_this_machine(address, kept):
    assert TypeAdapter(BaseUrl).validate_python(address) == kept


@pytest.mark.parametrize(
    "address",
    [
        "http://web.vats.az/vats/api",
        "http://127.0.0.1.example.com",
        "http://2130706433.example",
        "ftp://web.vats.az",
        "web.vats.az",
        "https://",
        "https://key@web.vats.az",
        "https://web.vats.az/?key=1",
        "https://web.vats.az/#a",
        "https://[::1",
        "",
    ],
)
def test_any_other_address_is_refused(address):
    with pytest.raises(ValidationError):
        TypeAdapter(BaseUrl).validate_python(address)


@pytest.mark.parametrize(
    ("address", "encrypted"),
    [
        ("https://192.0.2.7/api", True),
        ("http://127.0.0.1:8081/api", True),
        ("http://localhost/api", True),
        ("http://192.0.2.7/api", False),
        ("http://127.0.0.1.example.com/api", False),
    ],
)
def test_an_address_without_encryption_is_told_from_one_that_nobody_can_listen_to(address, encrypted):
    assert TypeAdapter(MaybePlainUrl).validate_python(address + "/") == address
    assert is_encrypted(address) is encrypted


@pytest.mark.parametrize("address", ["ftp://192.0.2.7", "http://", "http://key@192.0.2.7", "http://192.0.2.7/?key=1"])
def test_an_address_is_one_even_where_it_may_be_plain(address):
    with pytest.raises(ValidationError):
        TypeAdapter(MaybePlainUrl).validate_python(address)


@pytest.mark.parametrize("key", ["", " key", "key\n", "k\x00ey", "açar"])
@pytest.mark.parametrize("kind", [Key, SecretKey])
def test_a_key_no_header_could_carry_is_refused_when_the_secret_is_read(kind, key):
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(key)


def test_a_secret_key_prints_as_stars():
    assert "hush" not in repr(TypeAdapter(SecretKey).validate_python("hush-hush"))
