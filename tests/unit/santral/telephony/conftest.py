import pytest

from santral.store.directory import User
from tests.fakes import MemorySecrets, make_tenant
from tests.fakes.in_process import connect, zoho_secret


@pytest.fixture
def tenant(clock, zoho):
    tenant = make_tenant(
        clock=clock,
        secrets=MemorySecrets(permalinks={"keys": {"k1": "permalink-signing-key"}}, zoho=zoho_secret(zoho)),
    )
    connect(tenant, zoho)
    tenant.directory.remember(
        User(
            email="ayse@example.com",
            extensions={"virtualats": ("101",)},
            zoho_user_id=zoho.users.by_email("ayse@example.com").id,
        )
    )
    return tenant
