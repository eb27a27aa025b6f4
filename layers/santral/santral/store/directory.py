"""The user directory: which CRM user has which extensions, and whose extension it is."""

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict

from santral.store.table import SINGLE, Row, Table, rewrite


class User(BaseModel):
    """A CRM user. `extensions` lists them per provider, the one to ring first."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    email: str
    extensions: Mapping[str, tuple[str, ...]] = {}
    agent_number: str | None = None
    zoho_user_id: str | None = None
    wapcrm_user: str | None = None
    language: str | None = None

    def extension(self, provider: str) -> str | None:
        """Return the extension that rings when this user dials."""
        return next(iter(self.extensions.get(provider, ())), None)


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
        row = self._table.get(f"EXTENSION#{provider}#{extension}")
        return self.user(row["email"]) if row else None

    def remember(self, user: User) -> None:
        """Write a user and the way back from each of their extensions."""
        rows: list[Row] = [{"pk": _user_key(user.email), **user.model_dump(mode="json", exclude_none=True)}]
        rows += [
            {"pk": f"EXTENSION#{provider}#{extension}", "email": user.email}
            for provider, extensions in user.extensions.items()
            for extension in extensions
        ]
        for row in rows:
            self._write({**row, "sk": SINGLE, "v": 1})

    def _write(self, row: Row) -> None:
        rewrite(self._table, row["pk"], lambda _: (row, None), now=int(datetime.now(UTC).timestamp()))


def _user_key(email: str) -> str:
    return f"USER#{email.lower()}"
