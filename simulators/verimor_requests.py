"""How requests reach Verimor: the key, the parameters in their one right place, and what it says where they are not."""

import json
import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request

FORM = "application/x-www-form-urlencoded"
Place = Literal["query", "form", "json"]


class RefusedError(Exception):
    """The request breaks the documents; `reason` is what the plain body says."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class BadKeyError(Exception):
    """The key is wrong or missing; `key` is what came for it."""

    def __init__(self, key: str) -> None:
        super().__init__("bad key")
        self.key = key


def parameters(request: Request, place: Place, known: Collection[str], api_key: str) -> dict[str, Any]:
    """What is asked, without the key, which may stand in the query wherever the rest stands."""
    query = _once(list(request.args.items(multi=True)))
    body = _body(request, place)
    key = query.pop("key", body.get("key", ""))
    if key != api_key or body.pop("key", key) != api_key:
        raise BadKeyError(str(key))
    asked, misplaced = (query, body) if place == "query" else (body, query)
    if unknown := sorted({*misplaced, *(set(asked) - set(known))}):
        raise RefusedError(400, f"unknown parameter {unknown[0]}")
    return asked


def _body(request: Request, place: Place) -> dict[str, Any]:
    raw = request.get_data()
    if place == "json":
        return _json_object(request, raw)
    if raw and (place == "query" or request.mimetype not in ("", FORM)):
        raise RefusedError(400, "Bad Request")
    return dict(_once(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True)))


def _json_object(request: Request, raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except ValueError:
        raise RefusedError(400, "INVALID_JSON") from None
    if request.mimetype != "application/json" or not isinstance(body, dict):
        raise RefusedError(400, "INVALID_JSON")
    return body


def _once(pairs: list[tuple[str, str]]) -> dict[str, str]:
    if len(dict(pairs)) < len(pairs):
        raise RefusedError(400, "a parameter is repeated")
    return dict(pairs)


def required(asked: Mapping[str, str], name: str) -> str:
    if not asked.get(name):
        raise RefusedError(400, f"{name} can't be blank")
    return asked[name]


def choice(asked: Mapping[str, str], name: str, choices: Collection[str]) -> str | None:
    if name in asked and asked[name] not in choices:
        raise RefusedError(400, f"{name} is not included in the list")
    return asked.get(name)


def count(asked: Mapping[str, str], name: str, default: int, least: int, most: int | None) -> int:
    text = asked.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < least or (most is not None and int(text) > most):
        raise RefusedError(400, f"{name} is invalid")
    return int(text)


def stamp(asked: Mapping[str, str], name: str) -> datetime | None:
    """2017-08-03 12:30:32 UTC, and nothing else."""
    if name not in asked:
        return None
    try:
        return datetime.strptime(asked[name], "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
    except ValueError:
        raise RefusedError(400, f"{name} is invalid") from None
