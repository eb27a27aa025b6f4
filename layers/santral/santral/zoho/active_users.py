"""Which users of the CRM are active, by e-mail address: somebody named in a setting has to be found there."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from santral.errors import Unintelligible

_MEMORY_SECONDS = 300
_MOST_PAGES = 25


class ActiveUsers:
    """The active users of a tenant's CRM, kept for some minutes in this container.

    Args:
        clock: Returns the present moment.
        fetch: Returns a page (from 1) of Zoho's list of active users, or None when there is none.
    """

    def __init__(self, *, clock: Callable[[], datetime], fetch: Callable[[int], Any]) -> None:
        self._clock = clock
        self._fetch = fetch
        self._read_at = 0
        self._ids: dict[str, str] = {}

    def id_of(self, email: str) -> str | None:
        """Return the id of the active user with an e-mail address, or None."""
        now = int(self._clock().timestamp())
        if self._read_at + _MEMORY_SECONDS <= now:
            self._ids = {str(user.get("email", "")).casefold(): str(user["id"]) for user in self._listed()}
            self._read_at = now
        return self._ids.get(email.casefold())

    def _listed(self) -> Iterator[dict[str, Any]]:
        for page in range(1, _MOST_PAGES + 1):
            answer = self._fetch(page)
            if answer is None:
                return
            users = answer.get("users") if isinstance(answer, dict) else None
            if not isinstance(users, list) or not all(isinstance(user, dict) and "id" in user for user in users):
                raise Unintelligible("a list of users without users", system="zoho")
            yield from users
            if not (answer.get("info") or {}).get("more_records"):
                return
