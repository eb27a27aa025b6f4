"""A body from the quarantine is read again by its provider, whatever it was about."""

import pytest

from santral.errors import NotSupported, NotUnderstood
from santral.telephony.intake import take_in_kept
from tests.fakes import MemorySecrets, make_tenant
from tests.fakes.doors import sample


@pytest.fixture
def tenant():
    tokens = {"webhook_tokens": ["sample-webhook-token"]}
    secrets = MemorySecrets(
        verimor={"api_key": "K12345678-1234-5678-4321-123456789012", **tokens},
        wapcrm={"secret_key": "wapcrm-secret", **tokens},
    )
    return make_tenant(secrets=secrets, providers=("verimor", "wapcrm", "kobikom"))


@pytest.mark.parametrize(
    ("provider", "name", "kind"),
    [("verimor", "verimor_call", "call"), ("verimor", "verimor_campaign", "campaign_result"),
     ("wapcrm", "wapcrm", "message")],
)  # fmt: skip
def test_what_is_understood_now_is_queued(tenant, provider, name, kind):
    body = sample(f"webhooks/{name}")["body"].encode()

    assert take_in_kept(tenant, provider, body) == 1
    assert [event.kind for event in tenant.event_queue.sent] == [kind]


def test_what_still_is_not_understood_queues_nothing(tenant):
    with pytest.raises(NotUnderstood):
        take_in_kept(tenant, "wapcrm", b'{"messages": 7}')

    assert tenant.event_queue.sent == []


@pytest.mark.parametrize("provider", ["kobikom", "nobody"])
def test_who_has_no_webhooks_cannot_have_sent_it(tenant, provider):
    with pytest.raises(NotSupported):
        take_in_kept(tenant, provider, b"{}")
