"""The users of the organisation; the first is the administrator whose refresh token the client holds."""

from dataclasses import dataclass
from typing import Any

from simulators.zoho.wire import Answer, Json, RefusedError

ADMINISTRATOR = {"name": "Administrator", "id": "548728000000026011"}
STANDARD = {"name": "Standard", "id": "548728000000026014"}
ROLE = {"name": "CEO", "id": "548728000000026005"}
TYPES = (
    "ActiveUsers",
    "CurrentUser",
    "ActiveConfirmedUsers",
    "DeactiveUsers",
    "NotConfirmedUsers",
    "ConfirmedUsers",
    "AllUsers",
)


@dataclass(frozen=True)
class User:
    id: str
    email: str
    first_name: str
    last_name: str
    zuid: str
    active: bool = True
    admin: bool = False

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    def as_owner(self) -> Json:
        return {"name": self.full_name, "id": self.id, "email": self.email}

    def as_json(self) -> Json:
        return {
            "id": self.id,
            "email": self.email,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "full_name": self.full_name,
            "zuid": self.zuid,
            "status": "active" if self.active else "disabled",
            "confirm": True,
            "profile": ADMINISTRATOR if self.admin else STANDARD,
            "role": ROLE,
            "phone": None,
            "mobile": None,
            "language": "tr_TR",
            "locale": "tr_TR",
            "country_locale": "tr_TR",
            "offset": 10_800_000,
            "created_time": "2024-01-08T09:00:00+03:00",
        }


DEMO_USERS = (
    User("548728000000310001", "ayse@example.com", "Ayşe", "Demir", "700000001", admin=True),
    User("548728000000310002", "mehmet@example.com", "Mehmet", "Kaya", "700000002"),
    User("548728000000310003", "leyla@example.com", "Leyla", "Əliyeva", "700000003"),
    User("548728000000310004", "gone@example.com", "Kerem", "Şahin", "700000004", active=False),
)


class Users:
    def __init__(self, users: tuple[User, ...] = DEMO_USERS) -> None:
        self._users = {user.id: user for user in users}
        self.current = users[0]

    def active(self, user_id: Any) -> User | None:
        user = self._users.get(user_id) if isinstance(user_id, str) else None
        return user if user and user.active else None

    def by_email(self, email: str) -> User:
        return next(user for user in self._users.values() if user.email == email)

    def listed(self, kind: str, page: int, per_page: int) -> Answer:
        """GET /users: one page of the users of a type, 204 without any."""
        if kind not in TYPES:
            raise RefusedError(
                "PATTERN_NOT_MATCHED", "Please check whether the input values are correct", {"api_name": "type"}
            )
        found = [user for user in self._users.values() if self._is(kind, user)]
        shown = found[(page - 1) * per_page : page * per_page]
        if not shown:
            return Answer(204)
        info = {"per_page": per_page, "count": len(shown), "page": page, "more_records": len(found) > page * per_page}
        return Answer(200, {"users": [user.as_json() for user in shown], "info": info})

    def one(self, user_id: str) -> Answer:
        user = self._users.get(user_id)
        return Answer(200, {"users": [user.as_json()]}) if user else Answer(204)

    def _is(self, kind: str, user: User) -> bool:
        match kind:
            case "CurrentUser":
                return user == self.current
            case "ActiveUsers" | "ActiveConfirmedUsers":
                return user.active
            case "DeactiveUsers":
                return not user.active
            case "NotConfirmedUsers":
                return False
        return True
