"""In-memory stand-ins for all places where a tenant's data lies, as an integrator reaches them."""

import itertools
from datetime import UTC, datetime

from operations.company import Company
from operations.stacks import Deployed
from santral.store.quarantine import Quarantine
from santral.store.queue import Letter
from santral.store.table import SINGLE
from santral.store.versions import Version
from santral.telephony.forgetting import Holdings
from tests.fakes import row_name


class WholeMemoryTable:
    """A tenant's MemoryTable, and every row of it."""

    def __init__(self, table) -> None:
        self._rows = table.rows
        self.get, self.add, self.replace, self.query = table.get, table.add, table.replace, table.query

    def every_row(self):
        yield from list(self._rows.values())

    def remove(self, pk: str, sk: str = SINGLE) -> None:
        self._rows.pop(row_name(pk, sk), None)


class MemoryVersions:
    """A versioned bucket. `put` writes a version over the last one, as S3 does."""

    def __init__(self) -> None:
        self.contents: dict[Version, bytes] = {}
        self._numbers = itertools.count()

    def put(self, key: str, content: bytes, *, is_marker: bool = False) -> None:
        for version in [it for it in self.contents if it.key == key and it.is_latest]:
            older = Version(key, version.version_id, version.written_at, is_latest=False, is_marker=version.is_marker)
            self.contents[older] = self.contents.pop(version)
        now = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
        self.contents[Version(key, str(next(self._numbers)), now, is_latest=True, is_marker=is_marker)] = content

    def under(self, prefix: str):
        return iter([version for version in self.contents if version.key.startswith(prefix)])

    def read(self, version: Version) -> bytes:
        assert not version.is_marker
        return self.contents[version]

    def remove(self, versions) -> None:
        for version in versions:
            del self.contents[version]


class MemoryLetters:
    """A queue of dead letters; `home` is where they came from."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.home: list[Letter] = []
        self.there: dict[str, Letter] = {}
        self.in_hand: set[str] = set()

    def put(self, body: str, group: str | None = None) -> None:
        receipt = str(len(self.there) + len(self.home))
        self.there[receipt] = Letter(body, group, receipt)

    def depth(self) -> int:
        return len(self.there)

    def held(self, limit=None):
        for receipt in [it for it in self.there if it not in self.in_hand][:limit]:
            self.in_hand.add(receipt)
            yield self.there[receipt]

    def send_home(self, letter: Letter) -> None:
        self.home.append(letter)
        self.remove(letter)

    def remove(self, letter: Letter) -> None:
        self.in_hand.remove(letter.receipt)
        del self.there[letter.receipt]

    def release(self, letter: Letter) -> None:
        self.in_hand.remove(letter.receipt)


def company_of(tenant) -> Company:
    """Return a tenant with in-memory holdings; its quarantine and its archive share the versioned bucket."""
    versions = MemoryVersions()
    tenant.quarantine = Quarantine(tenant.table, versions, clock=tenant.clock)
    return Company(
        tenant,
        Holdings(WholeMemoryTable(tenant.table), versions, (MemoryLetters("events"), MemoryLetters("recordings"))),
        stack_name="acme-stack",
        stack=Deployed("CREATE_COMPLETE", parameters={}, outputs={}),
    )
