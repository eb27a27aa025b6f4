import pytest
from pydantic import BaseModel, ConfigDict, SecretStr

from santral.errors import NotConfigured
from santral.store.secrets import Secrets
from santral.telemetry import redacted
from tests.fakes import MemorySecrets


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid")

    base_url: str
    secret_key: SecretStr


VALUE = {"base_url": "https://pbx.example", "secret_key": "canary-secret-key"}


def test_a_secret_is_read_once_per_300_seconds():
    source, seconds = MemorySecrets(pbx=VALUE), [0.0]
    secrets = Secrets(source, monotonic=lambda: seconds[0])

    secrets.get("pbx", Model)
    seconds[0] = 299
    first = secrets.get("pbx", Model)
    seconds[0] = 301
    second = secrets.get("pbx", Model)

    assert source.reads == ["pbx", "pbx"]
    assert first is not second


def test_a_dropped_secret_is_read_again():
    source = MemorySecrets(pbx=VALUE)
    secrets = Secrets(source)
    secrets.get("pbx", Model)
    secrets.drop("pbx")
    secrets.get("pbx", Model)

    assert len(source.reads) == 2


def test_it_is_read_again_for_what_it_lacks_but_once_in_30_seconds_and_each_secret_by_itself():
    source, seconds = MemorySecrets(pbx=VALUE, crm=VALUE), [0.0]
    secrets = Secrets(source, monotonic=lambda: seconds[0])
    secrets.get("pbx", Model)

    assert [secrets.reread("pbx"), secrets.reread("pbx"), secrets.reread("crm")] == [True, False, True]
    secrets.get("pbx", Model)
    assert source.reads == ["pbx", "pbx"]
    seconds[0] = 30
    assert secrets.reread("pbx")


def test_without_a_value_it_is_not_configured():
    with pytest.raises(NotConfigured):
        Secrets(MemorySecrets()).get("pbx", Model)


@pytest.mark.parametrize(
    ("value", "field"),
    [({**VALUE, "colour": "canary-value"}, "colour"), ({"base_url": "canary-value"}, "secret_key"), ([], "whole")],
)
def test_an_unusable_secret_names_its_keys_and_never_their_values(value, field):
    with pytest.raises(NotConfigured) as refused:
        Secrets(MemorySecrets(pbx=value)).get("pbx", Model)

    assert field in refused.value.sentence
    assert "canary" not in refused.value.sentence + str(refused.value)
    assert refused.value.__cause__ is None


def test_what_a_secret_holds_becomes_unprintable_but_its_address_does_not():
    Secrets(MemorySecrets(pbx=VALUE)).get("pbx", Model)

    assert redacted("key canary-secret-key at pbx.example") == "key [secret] at pbx.example"
