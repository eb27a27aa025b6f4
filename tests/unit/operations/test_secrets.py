import json

import pytest

import operations.secrets
from operations.secret_values import keys_of, merged
from operations.stacks import Deployed
from santral.providers.registry import PROVIDERS
from tests.fakes.cloud import OUTPUTS

VIRTUALATS = {"public_key": "vats-public", "secret_key": "vats-signing", "crm_api_key": "vats-crm"}
SECRETS = (*PROVIDERS, "zoho", "api", "permalinks")


@pytest.fixture
def acme(operate, cloud):
    """The secrets of a deployed tenant, all empty."""
    operate("tenant add acme --region eu-west-1 --provider virtualats --provider verimor")
    cloud.stacks["acme"] = Deployed("CREATE_COMPLETE", {}, OUTPUTS)
    cloud.secrets |= {("acme", name): {} for name in ("virtualats", "verimor", "zoho", "api", "permalinks")}
    return {name: lambda name=name: cloud.secrets["acme", name] for _, name in cloud.secrets}


@pytest.fixture
def at_terminal(monkeypatch):
    """Somebody types; each question is noted with whether the answer is hidden."""
    asked = {}

    def answer(key, *, hide_input):
        asked[key] = hide_input
        return {"base_url": "https://pbx.example", "options": "{}"}.get(key, f"typed-{key}")

    monkeypatch.setattr(operations.secrets.screen, "is_terminal", lambda: True)
    monkeypatch.setattr(operations.secrets.typer, "prompt", answer)
    return asked


def test_a_providers_keys_come_from_standard_input_and_our_tokens_are_made_up(operate, acme):
    said = operate("secrets set acme virtualats", typed=json.dumps(VIRTUALATS))

    (token,) = acme["virtualats"]()["webhook_tokens"]
    assert acme["virtualats"]() == {**VIRTUALATS, "webhook_tokens": [token]}
    assert len(token) >= 32
    assert said.splitlines() == [
        "virtualats: public_key, secret_key, crm_api_key, webhook_tokens set. It counts within five minutes.",
        "Made up here: webhook_tokens.",
        "Next: python -m operations connect acme",
    ]


def test_what_was_there_and_is_not_given_stays(operate, acme):
    operate("secrets set acme virtualats", typed=json.dumps({**VIRTUALATS, "options": {"sign_query": "values"}}))
    before = acme["virtualats"]()

    said = operate("secrets set acme virtualats", typed='{"secret_key": "new", "options": {"require_signature": true}}')

    assert acme["virtualats"]() == {
        **before,
        "secret_key": "new",
        "options": {"sign_query": "values", "require_signature": True},
    }
    assert said == "virtualats: secret_key, options set. It counts within five minutes.\n"


@pytest.mark.parametrize("secret", ["api", "permalinks"])
def test_what_is_ours_alone_needs_no_input_and_is_made_once(operate, acme, secret):
    operate(f"secrets set acme {secret}")
    before = acme[secret]()

    said = operate(f"secrets set acme {secret}")

    assert all(before.values())
    assert acme[secret]() == before
    assert said == f"{secret}: nothing set. It counts within five minutes.\n"


def test_two_tenants_share_no_token(operate, acme, cloud):
    operate("tenant add globex --region eu-west-1 --provider virtualats")
    cloud.secrets |= {("globex", "api"): {}}
    for tenant in ("acme", "globex"):
        operate(f"secrets set {tenant} api")

    assert acme["api"]() != cloud.secrets["globex", "api"]


@pytest.mark.parametrize(
    ("secret", "typed", "sentences"),
    [
        (
            "verimor",
            '{"apikey": "canary-key"}',
            [
                "verimor lacks api_key.",
                "verimor has no key apikey. Its keys: base_url, api_key, webhook_tokens, domain_id, default_caller_id,",
                ", options.recording_hosts, options.key_in_query.",
            ],
        ),
        (
            "verimor",
            '{"api_key": "canary-key", "base_url": "http://canary.example"}',
            ["base_url: must begin with https://; plain http is only for this machine."],
        ),
        ("verimor", '{"api_key": "canary-key", "domain_id": "canary"}', ["domain_id: String should match pattern"]),
        ("verimor", "canary-key", ["Give one JSON object with the keys of verimor."]),
        ("verimor", '["canary-key"]', ["Give one JSON object with the keys of verimor."]),
        ("acmepbx", "{}", ["There is no secret acmepbx. Known: virtualats, kobikom, verimor, wapcrm, zoho, api,"]),
    ],
)
def test_what_cannot_be_is_told_without_quoting_it_and_nothing_is_written(operate, acme, secret, typed, sentences):
    said = operate(f"secrets set acme {secret}", typed=typed, code=1)

    for sentence in sentences:
        assert sentence in said
    assert said.endswith("Nothing was written.\n")
    assert "canary" not in said
    assert acme["verimor"]() == {}


def test_a_provider_that_is_switched_off_has_no_secret(operate, acme):
    said = operate("secrets set acme kobikom", typed='{"base_url": "https://pbx.example/api/", "api_key": "k"}', code=1)

    assert said == "acme has no secret kobikom: deploy it first, with that provider.\n"


def test_at_a_terminal_what_is_needed_is_asked_for_and_keys_are_not_shown(operate, acme, at_terminal):
    operate("secrets set acme virtualats")

    assert at_terminal == {"public_key": False, "secret_key": True}
    assert acme["virtualats"]()["secret_key"] == "typed-secret_key"
    assert acme["virtualats"]()["crm_api_key"]


def test_at_a_terminal_named_keys_are_asked_for_whatever_is_there(operate, acme, at_terminal):
    operate("secrets set acme verimor api_key")
    operate("secrets set acme verimor base_url api_key")

    assert at_terminal == {"api_key": True, "base_url": False}
    assert "There is no key apikey. Known: base_url, api_key," in operate("secrets set acme verimor apikey", code=1)


@pytest.mark.parametrize("secret", SECRETS)
def test_every_key_that_hides_its_value_is_typed_unseen(secret):
    hidden = {it.name for it in keys_of(secret) if it.is_hidden}

    assert not hidden & {"base_url", "accounts_url", "api_domain", "public_key", "client_id"}
    assert hidden >= {it.name for it in keys_of(secret) if it.is_ours}


def test_showing_tells_which_keys_are_set_and_none_of_their_values(operate, acme):
    operate("secrets set acme virtualats", typed=json.dumps(VIRTUALATS))

    said = [line.split() for line in operate("secrets show acme").splitlines()]

    assert said[1] == ["virtualats", "public_key", "secret_key", "crm_api_key", "webhook_tokens"]
    assert said[2] == ["verimor", "api_key", "webhook_tokens"]  # missing
    assert "vats-" not in operate("secrets show acme")


def test_a_dotted_key_goes_into_the_options():
    assert merged({"options": {"a": 1}}, {"options.b": 2}) == {"options": {"a": 1, "b": 2}}
    assert merged({}, {"options.b": 2}) == {"options": {"b": 2}}
