"""One tenant's parts, put together on first use: what every rule works with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from santral.errors import NotConfigured
from santral.providers.registry import Ability, can, provider
from santral.sentences import say
from santral.settings import Settings, settings
from santral.store.budgets import ProviderBudget
from santral.store.calls import Calls
from santral.store.campaigns import Campaigns
from santral.store.cursors import Cursors
from santral.store.directory import Directory
from santral.store.intents import Intents
from santral.store.lead_attempts import LeadAttempts
from santral.store.leases import Leases
from santral.store.matches import Matches
from santral.store.messages import Messages
from santral.store.secrets import Secrets, SecretsManager
from santral.store.snapshots import Snapshots
from santral.store.table import DynamoTable, Table
from santral.store.tombstones import Tombstones

if TYPE_CHECKING:
    from santral.store.message_files import MessageFiles
    from santral.store.quarantine import Quarantine
    from santral.store.queue import EventQueue, RecordingQueue
    from santral.store.recordings import RecordingBucket
    from santral.zoho.client import Zoho


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Tenant:
    """The tenant this stack serves. Tests construct one with in-memory parts; functions use `current()`."""

    settings: Settings
    table: Table
    secrets: Secrets
    clock: Callable[[], datetime] = _now
    _clients: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    @cached_property
    def calls(self) -> Calls:
        return Calls(
            self.table,
            country=self.settings.country,
            retention_days=self.settings.retention_days,
            clock=self.clock,
        )

    @cached_property
    def intents(self) -> Intents:
        return Intents(self.table, clock=self.clock)

    @cached_property
    def cursors(self) -> Cursors:
        return Cursors(self.table)

    @cached_property
    def leases(self) -> Leases:
        return Leases(self.table, clock=self.clock)

    @cached_property
    def lead_attempts(self) -> LeadAttempts:
        return LeadAttempts(self.table, clock=self.clock)

    @cached_property
    def matches(self) -> Matches:
        return Matches(self.table, clock=self.clock)

    @cached_property
    def snapshots(self) -> Snapshots:
        return Snapshots(self.table, clock=self.clock)

    @cached_property
    def directory(self) -> Directory:
        return Directory(self.table)

    @cached_property
    def tombstones(self) -> Tombstones:
        return Tombstones(self.table)

    @cached_property
    def messages(self) -> Messages:
        return Messages(self.table, country=self.settings.country, clock=self.clock)

    @cached_property
    def campaigns(self) -> Campaigns:
        return Campaigns(self.table, country=self.settings.country, clock=self.clock)

    @cached_property
    def event_queue(self) -> "EventQueue":
        from santral.store.queue import EventQueue  # noqa: PLC0415 (only webhooks and reconciling queue events)

        return EventQueue(self.settings.events_queue_url)

    @cached_property
    def recording_queue(self) -> "RecordingQueue":
        from santral.store.queue import RecordingQueue  # noqa: PLC0415 (likewise)

        return RecordingQueue(self.settings.recordings_queue_url)

    @cached_property
    def recordings(self) -> "RecordingBucket":
        from santral.store.recordings import S3Recordings  # noqa: PLC0415 (only what plays or archives needs S3)

        return S3Recordings(self.settings.bucket_name)

    @cached_property
    def message_files(self) -> "MessageFiles":
        from santral.store.message_files import S3MessageFiles  # noqa: PLC0415 (likewise)

        return S3MessageFiles(self.settings.bucket_name)

    @cached_property
    def quarantine(self) -> "Quarantine":
        from santral.store.quarantine import Quarantine, S3Shelf  # noqa: PLC0415 (likewise)

        return Quarantine(self.table, S3Shelf(self.settings.bucket_name), clock=self.clock)

    @cached_property
    def zoho(self) -> "Zoho":
        from santral.zoho.client import Zoho  # noqa: PLC0415 (only what logs calls needs the CRM)

        return Zoho(self.secrets, self.table, clock=self.clock)

    def default_for(self, ability: Ability) -> str:
        """Return the provider to ask when a request names none: the default one, or the first enabled that can."""
        default = self.settings.telephony_provider
        if can(default, ability):
            return default
        return next((name for name in self.settings.providers if can(name, ability)), default)

    def provider(self, name: str, ability: Ability) -> Any:
        """Return a provider's client, one per credentials.

        Raises:
            NotSupported: The provider does not exist or lacks the ability.
            NotConfigured: This tenant has not set it up.
        """
        found = provider(name, ability)
        if name not in self.settings.providers:
            raise NotConfigured(
                f"{name} is not enabled", sentence=say("{provider} is not enabled for this company.", provider=name)
            )
        client_class = found.load()
        credentials = self.secrets.get(name, client_class.Credentials)
        kept = self._clients.get(name)
        if kept is None or kept[0] is not credentials:
            # A rotated secret gets a new client; an unchanged one keeps its warm connections.
            given = {"budget": ProviderBudget(self.table, name, clock=self.clock)} if found.limited else {}
            kept = (credentials, client_class(credentials, **given))
            self._clients[name] = kept
        return kept[1]


@cache
def current() -> Tenant:
    """Return the tenant of this container."""
    known = settings()
    return Tenant(settings=known, table=DynamoTable(known.table_name), secrets=Secrets(SecretsManager(known.tenant)))
