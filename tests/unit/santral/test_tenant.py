import pytest

from santral.errors import NotConfigured, NotSupported
from santral.providers.registry import PROVIDERS, Ability
from tests.fakes import MemorySecrets, make_tenant

SECRET = {
    "public_key": "p-1",
    "secret_key": "s-123456",
    "crm_api_key": "c-123456",
    "webhook_tokens": ["w-123456"],
}


def test_a_client_lives_as_long_as_its_credentials():
    source = MemorySecrets(virtualats=SECRET)
    tenant = make_tenant(secrets=source)

    first = tenant.provider("virtualats", Ability.DIAL)
    assert tenant.provider("virtualats", Ability.HISTORY) is first

    tenant.secrets.drop("virtualats")
    assert tenant.provider("virtualats", Ability.DIAL) is not first


@pytest.mark.parametrize(
    ("name", "ability"), [("wapcrm", Ability.DIAL), ("virtualats", Ability.SEND), ("nobody", Ability.DIAL)]
)
def test_a_provider_that_lacks_the_ability_is_refused_and_those_that_have_it_are_named(name, ability):
    with pytest.raises(NotSupported) as refused:
        make_tenant(secrets=MemorySecrets(virtualats=SECRET)).provider(name, ability)

    able = [known for known, row in PROVIDERS.items() if ability in row.abilities]
    assert all(known in refused.value.sentence for known in able)


def test_a_provider_that_is_not_enabled_is_not_configured():
    with pytest.raises(NotConfigured):
        make_tenant(providers=("wapcrm",)).provider("virtualats", Ability.DIAL)


def test_one_without_a_secret_is_not_configured():
    with pytest.raises(NotConfigured):
        make_tenant().provider("virtualats", Ability.DIAL)


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_row_of_the_table_leads_to_a_class_that_can_be_checked(name):
    client = PROVIDERS[name].load()

    assert client.Credentials
    assert callable(client.check)
