import json

import pytest

from sandbox.tenant import DEMO, TenantFile, TenantFileError, outside_of, read_tenant_file, settings_of


def test_the_demo_tenant_has_everything_simulated():
    outside = outside_of(DEMO)

    assert set(outside.simulators) == {"virtualats", "kobikom", "verimor", "wapcrm", "zoho"}
    assert set(outside.secrets()) == {"api", "permalinks", *outside.simulators}
    assert settings_of(DEMO) == {f"with_{name}": True for name in ("virtualats", "kobikom", "verimor", "wapcrm")}


def test_a_secret_with_an_address_is_called_there_and_left_as_it_is():
    given = {"base_url": "https://pbx.example.com", "public_key": "p"}

    outside = outside_of(TenantFile(secrets={"virtualats": given}))

    assert outside.simulators == {}
    assert outside.secrets()["virtualats"] == given


def test_zoho_has_its_address_under_other_names():
    given = {"accounts_url": "https://accounts.zoho.example", "api_domain": "https://api.zoho.example"}

    assert outside_of(TenantFile(secrets={"zoho": given})).simulators == {}


def test_a_secret_without_an_address_gets_a_simulator_that_knows_its_keys():
    outside = outside_of(TenantFile(secrets={"virtualats": {"public_key": "ours", "webhook_tokens": ["t"]}}))

    secret = outside.secrets()["virtualats"]
    simulator = outside.simulators["virtualats"]

    assert (secret["public_key"], secret["webhook_tokens"]) == ("ours", ["t"])
    assert secret["base_url"] == simulator.api_url
    assert (simulator.keys.public_key, simulator.keys.secret_key) == ("ours", secret["secret_key"])


def test_a_simulators_address_is_read_once_it_has_one():
    outside = outside_of(TenantFile(secrets={"zoho": {}}))
    outside.simulators["zoho"].url = "http://127.0.0.1:5"

    assert outside.secrets()["zoho"]["accounts_url"] == "http://127.0.0.1:5"
    assert outside.secrets()["zoho"]["api_domain"] == "http://127.0.0.1:5"


def test_an_absent_provider_is_not_set_up():
    tenant = TenantFile(secrets={"virtualats": {}})

    assert set(outside_of(tenant).secrets()) == {"api", "permalinks", "virtualats"}
    assert settings_of(tenant) == {"with_virtualats": True}


def test_the_tenants_own_tokens_count():
    secrets = outside_of(TenantFile(secrets={"api": {"agent_tokens": ["mine"]}})).secrets()

    assert secrets["api"]["agent_tokens"] == ["mine"]
    assert secrets["api"]["admin_tokens"]


def test_made_up_secrets_differ_each_time():
    assert outside_of(DEMO).secrets()["api"] != outside_of(DEMO).secrets()["api"]


@pytest.mark.parametrize("text", ["[]", "{", json.dumps({"secret": {"zoho": {"refresh_token": "hidden"}}})])
def test_a_file_of_another_shape_is_refused_without_repeating_it(tmp_path, text):
    path = tmp_path / "tenant.json"
    path.write_text(text)

    with pytest.raises(TenantFileError) as refused:
        read_tenant_file(path)

    assert "tenant.json" in str(refused.value)
    assert "hidden" not in str(refused.value)
