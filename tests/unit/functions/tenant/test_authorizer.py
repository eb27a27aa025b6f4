import pytest

import functions.tenant.authorizer
from tests.fakes import MemorySecrets, make_tenant
from tests.fakes.doors import Context, sample


@pytest.fixture(autouse=True)
def tenant(monkeypatch):
    tenant = make_tenant(
        secrets=MemorySecrets(api={"agent_tokens": ["sample-agent-token"], "admin_tokens": ["sample-admin-token"]})
    )
    monkeypatch.setattr(functions.tenant.authorizer, "current", lambda: tenant)
    return tenant


@pytest.mark.parametrize(
    ("header", "allowed", "role"),
    [
        ("Bearer sample-agent-token", True, "agent"),
        ("Bearer sample-admin-token", True, "admin"),
        ("Bearer wrong", False, "none"),
    ],
)
def test_the_answer_is_a_simple_response_with_the_role(header, allowed, role):
    event = {**sample("tenant/authorizer"), "identitySource": [header]}

    assert functions.tenant.authorizer.handler(event, Context()) == {"isAuthorized": allowed, "context": {"role": role}}


def test_a_warm_one_asks_nobody(tenant):
    event = {**sample("tenant/authorizer"), "identitySource": ["Bearer sample-agent-token"]}
    source = tenant.secrets._source
    functions.tenant.authorizer.handler(event, Context())
    reads = len(source.reads)
    functions.tenant.authorizer.handler(event, Context())

    assert len(source.reads) == reads == 1
    assert tenant.table.reads + tenant.table.writes == 0


def test_nothing_but_the_identity_source_counts():
    event = {**sample("tenant/authorizer"), "identitySource": []}

    assert functions.tenant.authorizer.handler(event, Context())["isAuthorized"] is False


def test_a_wrong_token_is_counted_and_a_right_one_is_not(metrics):
    for header in ("Bearer wrong", "Bearer sample-agent-token", "Basic sample-agent-token"):
        functions.tenant.authorizer.handler({**sample("tenant/authorizer"), "identitySource": [header]}, Context())

    assert metrics() == {"auth_failures": [1, 1]}
