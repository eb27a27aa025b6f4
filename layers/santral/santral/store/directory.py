"""The user directory: which CRM user has which extensions, and whose extension it is."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict

from santral.store.table import SINGLE, Row, Table, WholeTable, rewrite

# The index of calls by day serves users as well, on a day that is none; among themselves they have no times.
_ALL = "users"
_NO_TIME = "-"
_PAGE_ROWS = 500


class User(BaseModel):
    """A CRM user. `extensions` lists them per provider, the one to ring first."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="ignore")

    email: str
    extensions: Mapping[str, tuple[str, ...]] = {}
    agent_number: str | None = None
    zoho_user_id: str | None = None
    wapcrm_user: str | None = None
    language: str | None = None

    def extension(self, provider: str) -> str | None:
        """Return the extension that rings when this user dials."""
        return next(iter(self.extensions.get(provider, ())), None)

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield every extension with its provider."""
        return ((provider, extension) for provider, some in self.extensions.items() for extension in some)

    def without(self, provider: str, extension: str) -> "User":
        """Return the user without one extension."""
        left = tuple(it for it in self.extensions.get(provider, ()) if it != extension)
        others = {name: some for name, some in self.extensions.items() if name != provider}
        return self.model_copy(update={"extensions": {**others, **({provider: left} if left else {})}})


class Directory:
    """The directory of one tenant."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def user(self, email: str) -> User | None:
        """Return a user by e-mail, whatever its capitals, or None."""
        row = self._table.get(_user_key(email))
        return User.model_validate(row) if row else None

    def owner_of(self, provider: str, extension: str) -> User | None:
        """Return the user whose extension it is, or None."""
        row = self._table.get(_extension_key(provider, extension))
        return self.user(row["email"]) if row else None

    def remember(self, user: User) -> None:
        """Write a user and the way back from each of their extensions."""
        told = user.model_dump(mode="json", exclude_none=True)
        self._write({"pk": _user_key(user.email), **told, "day": _ALL, "started_at": _NO_TIME})
        for provider, extension in user.lines():
            self._write({"pk": _extension_key(provider, extension), "email": user.email})

    def _write(self, row: Row) -> None:
        whole = {**row, "sk": SINGLE, "v": 1}
        rewrite(self._table, row["pk"], lambda _: (whole, None), now=int(datetime.now(UTC).timestamp()))


class OpenDirectory(Directory):
    """The directory as an integrator changes it: users and extensions go from it, too."""

    def __init__(self, table: WholeTable) -> None:
        super().__init__(table)
        self._whole = table

    def everyone(self) -> list[User]:
        """Return all users, by their e-mails."""
        users: list[User] = []
        start: Row | None = None
        while True:
            page = self._table.query(
                "by_day", _ALL, between=(_NO_TIME, _NO_TIME), newest_first=False, limit=_PAGE_ROWS, start=start
            )
            users += map(User.model_validate, page.rows)
            start = page.next_key
            if start is None:
                return sorted(users, key=lambda user: user.email)

    def put(self, user: User) -> None:
        """Write a user as they are from now on.

        Who had one of their extensions loses it. What leads from an extension given up goes first, so that dying
        halfway leaves none that leads to the wrong user; doing it again completes it.
        """
        for provider, extension in user.lines():
            holder = self.owner_of(provider, extension)
            if holder and _user_key(holder.email) != _user_key(user.email):
                self.remember(holder.without(provider, extension))
        if before := self.user(user.email):
            self._forget_ways_back(before, set(before.lines()) - set(user.lines()))
        self.remember(user)

    def remove(self, email: str) -> User | None:
        """Remove a user; return who that was, or None."""
        user = self.user(email)
        if user is not None:
            self._forget_ways_back(user, set(user.lines()))
            self._whole.remove(_user_key(email))
        return user

    def _forget_ways_back(self, user: User, lines: set[tuple[str, str]]) -> None:
        for provider, extension in sorted(lines):
            holder = self.owner_of(provider, extension)
            # By now it may be somebody else's.
            if holder and _user_key(holder.email) == _user_key(user.email):
                self._whole.remove(_extension_key(provider, extension))


def _user_key(email: str) -> str:
    return f"USER#{email.lower()}"


def _extension_key(provider: str, extension: str) -> str:
    return f"EXTENSION#{provider}#{extension}"
