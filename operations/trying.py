"""Trying keys before they are written: one read with them, as the functions would make it."""

from dataclasses import dataclass

from santral.providers.registry import PROVIDERS
from santral.store.secrets import Secrets, SecretSource
from santral.store.table import SINGLE, DynamoTable, Row
from santral.tenant import Tenant
from santral.zoho.oauth import SECRET
from santral.zoho.users import current_user


def tried(tenant: Tenant, name: str, text: str) -> None:
    """Read something small from a provider, or from Zoho, with what a secret is to hold.

    Raises:
        SantralError: It does not answer, or not to these keys.
    """
    secrets = Secrets(_Given(name, text))
    if name == SECRET:
        current_user(
            Tenant(settings=tenant.settings, table=_Forgetful(tenant.settings.table_name), secrets=secrets).zoho
        )
    elif name in PROVIDERS:
        trial = Tenant(settings=tenant.settings, table=tenant.table, secrets=secrets)
        trial.provider(name, next(iter(PROVIDERS[name].abilities))).check()


@dataclass(frozen=True)
class _Given(SecretSource):
    name: str
    text: str

    def read(self, name: str) -> str | None:
        return self.text if name == self.name else None


class _Forgetful(DynamoTable):
    """Keeps nothing, so that the access token of a trial does not become the functions' own."""

    def get(self, pk: str, sk: str = SINGLE) -> Row | None:  # noqa: ARG002 (of the table's own shape)
        return None

    def add(self, row: Row, *, now: int) -> bool:  # noqa: ARG002 (likewise)
        return True

    def replace(self, row: Row) -> bool:  # noqa: ARG002 (likewise)
        return True
