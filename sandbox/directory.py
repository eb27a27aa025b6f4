"""Fills the user directory the way the product does, with the sandbox's own rights to the table."""

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from sandbox.aws import Session
from santral.store.directory import Directory, User
from santral.store.table import SINGLE
from simulators.frame import Simulator
from simulators.zoho.server import ZohoCrm

Row = dict[str, Any]


def write_users(
    users: Iterable[Mapping[str, Any]], session: Session, table: str, simulators: Mapping[str, Simulator]
) -> None:
    """Write the users; who is known to the simulated CRM by e-mail gets the id they have there."""
    directory = Directory(_UncontendedTable(session, table))
    for user in users:
        directory.remember(User.model_validate({**_ids_in_crm(user["email"], simulators), **user}))


def _ids_in_crm(email: str, simulators: Mapping[str, Simulator]) -> dict[str, str]:
    zoho = simulators.get("zoho")
    if isinstance(zoho, ZohoCrm):
        # What the simulator raises for an e-mail nobody there has.
        with contextlib.suppress(StopIteration):
            return {"zoho_user_id": zoho.users.by_email(email).id}
    return {}


class _UncontendedTable:
    """The table of a stack that nobody uses yet."""

    def __init__(self, session: Session, name: str) -> None:
        self._session = session
        self._name = name

    def get(self, pk: str, sk: str = SINGLE) -> Row | None:
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        item = self._session.dynamodb.get_item(TableName=self._name, Key=key).get("Item")
        return {name: TypeDeserializer().deserialize(value) for name, value in item.items()} if item else None

    def add(self, row: Row, *, now: int) -> bool:  # noqa: ARG002 (nothing there can have expired)
        return self.replace({**row, "version": 0})

    def replace(self, row: Row) -> bool:
        raised = {**row, "version": row["version"] + 1}
        item = {name: TypeSerializer().serialize(value) for name, value in raised.items()}
        self._session.dynamodb.put_item(TableName=self._name, Item=item)
        return True

    def add_counted(self, *_: Any, **__: Any) -> NoReturn:
        raise NotImplementedError("a new directory is only written")

    def query(self, *_: Any, **__: Any) -> NoReturn:
        raise NotImplementedError("a new directory is only written")

    def under(self, *_: Any, **__: Any) -> NoReturn:
        raise NotImplementedError("a new directory is only written")
