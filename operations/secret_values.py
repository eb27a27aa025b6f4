"""What a tenant's secrets hold: their keys, which of them we make up ourselves, and whether a value is right."""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from santral.access import Tokens
from santral.keys import Keys
from santral.providers.registry import PROVIDERS
from santral.zoho import oauth

_TOKEN_BYTES = 24
_KEY_BYTES = 32
Secret = Mapping[str, Any]


class UnusableSecretError(Exception):
    """A value that is not what its model asks for. `problems` are sentences, and quote nothing."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def _tokens() -> list[str]:
    return [secrets.token_urlsafe(_TOKEN_BYTES)]


# Nobody gives us these: the CRM side, the providers and the links are told them by us.
_OURS: Final[Mapping[str, Callable[[], Any]]] = {
    "webhook_tokens": _tokens,
    "agent_tokens": _tokens,
    "admin_tokens": _tokens,
    "crm_api_key": lambda: secrets.token_urlsafe(_TOKEN_BYTES),
    "keys": lambda: {"k1": secrets.token_hex(_KEY_BYTES)},
}


@dataclass(frozen=True)
class SecretKey:
    """One key of a secret."""

    name: str
    is_needed: bool
    is_hidden: bool
    is_ours: bool


def model_of(name: str) -> type[BaseModel]:
    """Return the model that reads a secret.

    Raises:
        UnusableSecretError: There is no secret of that name.
    """
    ours: dict[str, type[BaseModel]] = {oauth.SECRET: oauth.Credentials, "api": Tokens, "permalinks": Keys}
    if name in ours:
        return ours[name]
    if name in PROVIDERS:
        model: type[BaseModel] = PROVIDERS[name].load().Credentials
        return model
    raise UnusableSecretError([f"There is no secret {name}. Known: {', '.join([*PROVIDERS, *ours])}."])


def keys_of(name: str) -> list[SecretKey]:
    """Return a secret's keys in their order; keys of `options` stand as `options.key`."""
    return [
        SecretKey(key, it.is_required(), _is_hidden(it.annotation), key in _OURS) for key, it in _fields(model_of(name))
    ]


def _fields(model: type[BaseModel], above: str = "") -> list[tuple[str, FieldInfo]]:
    found = []
    for key, it in model.model_fields.items():
        inner = it.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found += _fields(inner, f"{above}{key}.")
        else:
            found.append((above + key, it))
    return found


def _is_hidden(annotation: Any) -> bool:
    return annotation is SecretStr or any(_is_hidden(part) for part in get_args(annotation))


def made_up(key: str) -> Any:
    """Return a fresh value of one of the keys that are ours, e.g. a list of one token for `webhook_tokens`."""
    return _OURS[key]()


def with_ours(name: str, value: Secret) -> dict[str, Any]:
    """Return a value with what is ours made up where it is missing."""
    missing = {key.name: _OURS[key.name]() for key in keys_of(name) if key.is_ours and not value.get(key.name)}
    return {**value, **missing}


def merged(value: Secret, given: Secret) -> dict[str, Any]:
    """Return a value with others over it; `options.key` and what stands under `options` add to the options."""
    result = dict(value)
    for key, it in given.items():
        outer, _, inner = key.partition(".")
        if inner:
            result[outer] = merged(result.get(outer) or {}, {inner: it})
        elif isinstance(it, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], it)
        else:
            result[key] = it
    return result


def check(name: str, value: Secret) -> None:
    """See whether a value is one that the functions can read.

    Raises:
        UnusableSecretError: A key is unknown, missing or not what it should be.
    """
    try:
        model_of(name).model_validate_json(json.dumps(value))
    except ValidationError as error:
        raise UnusableSecretError([_problem(name, it) for it in error.errors()]) from None


def _problem(name: str, told: Mapping[str, Any]) -> str:
    # Never pydantic's own text with the input, which may be the secret.
    key = ".".join(map(str, told["loc"]))
    if told["type"] == "extra_forbidden":
        return f"{name} has no key {key}. Its keys: {', '.join(it.name for it in keys_of(name))}."
    if told["type"] == "missing":
        return f"{name} lacks {key}."
    return f"{key or name}: {told['msg'].removeprefix('Value error, ')}."
