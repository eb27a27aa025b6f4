"""The tenant's secrets, one JSON object each, kept 300 s in a warm container."""

import json
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from santral.errors import NotConfigured
from santral.sentences import say
from santral.store.aws import client
from santral.telemetry import conceal

_CACHE_SECONDS = 300
_REREAD_SECONDS = 30
M = TypeVar("M", bound=BaseModel)


class SecretSource(Protocol):
    def read(self, name: str) -> str | None:
        """Return a secret's text, or None when it has no value yet."""


class SecretsManager:
    """Secrets named `santral/<tenant>/<name>`."""

    def __init__(self, tenant: str) -> None:
        self._prefix = f"santral/{tenant}/"

    def read(self, name: str) -> str | None:
        secrets = client("secretsmanager")
        try:
            return secrets.get_secret_value(SecretId=self._prefix + name)["SecretString"]
        except secrets.exceptions.ResourceNotFoundException:
            # Also what a secret without a value answers: the template creates them empty.
            return None


class Secrets:
    """Typed secrets with a cache that a refusal of the provider drops."""

    def __init__(self, source: SecretSource, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._monotonic = monotonic
        self._kept: dict[str, tuple[float, Any]] = {}
        self._reread_at: dict[str, float] = {}

    def get(self, name: str, model: type[M]) -> M:
        """Return a secret as its model.

        Raises:
            NotConfigured: It has no value, or its value is not what the model asks for.
        """
        kept = self._kept.get(name)
        if kept is None or kept[0] + _CACHE_SECONDS <= self._monotonic():
            kept = (self._monotonic(), self._parsed(name, model))
            self._kept[name] = kept
        secret: M = kept[1]
        return secret

    def drop(self, name: str) -> None:
        """Forget a secret, so that the next use reads it again."""
        self._kept.pop(name, None)

    def reread(self, name: str) -> bool:
        """Forget a secret because somebody brought a token or key it lacks, which may be new; tell whether it was done.

        At most once in 30 s: a token added a moment ago is known at once, and a flood of wrong ones costs nothing.
        """
        now = self._monotonic()
        if name in self._reread_at and self._reread_at[name] + _REREAD_SECONDS > now:
            return False
        self._reread_at[name] = now
        self.drop(name)
        return True

    def _parsed(self, name: str, model: type[M]) -> M:
        text = self._source.read(name)
        if not text:
            told = say("{name} is not set up: its secret is empty.", name=name)
            raise NotConfigured(f"secret {name} has no value", sentence=told)
        try:
            secret = model.model_validate_json(text)
        except ValidationError as error:
            # Field names only: pydantic's own text would quote the values.
            fields = ", ".join(".".join(map(str, problem["loc"])) or "(whole)" for problem in error.errors())
            raise NotConfigured(
                f"secret {name} is not usable: {fields}",
                sentence=say(
                    "{name} is not set up: check these keys of its secret: {fields}.", name=name, fields=fields
                ),
            ) from None
        conceal(_texts(json.loads(text), model))
        return secret


def _texts(value: Any, model: type[BaseModel]) -> list[str]:
    """Return every text in a secret that is worth hiding; addresses and options are not."""
    public = {"base_url", "accounts_url", "api_domain", "options"} & set(model.model_fields)
    return [text for name, part in value.items() if name not in public for text in _leaves(part)]


def _leaves(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for part in value.values() for text in _leaves(part)]
    if isinstance(value, list):
        return [text for part in value for text in _leaves(part)]
    return []
