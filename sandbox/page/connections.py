"""Zoho's Connections: requests to the API made on the CRM's side, with a token that no script and no widget sees.

As `ZOHO.CRM.CONNECTION.invoke` sends and gets them (github ZohoDevelopers/embeddedApp-js-sdk, lib/ZohoCrmHelper.js; the
answer's wrapping as widgets report it): `parameters` and `headers` come as JSON texts, and no status code comes back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import requests
from pydantic import BaseModel, ConfigDict, Field, Json

AGENTS = "santral"
ADMINISTRATORS = "santral_admin"
_AS_QUERY, _AS_BODY = 1, 2
# A function of the API may take 28 s; Zoho itself would give up sooner.
_SECONDS = 30


class Invocation(BaseModel):
    """The second argument of `ZOHO.CRM.CONNECTION.invoke`, as the SDK passes it on."""

    model_config = ConfigDict(frozen=True)

    url: str
    method: str = Field("GET", pattern="^(GET|POST|PUT|PATCH|DELETE)$")
    parameters: Json[Any] | None = None
    headers: Json[dict[str, str]] | None = None
    param_type: int = Field(_AS_QUERY, ge=_AS_QUERY, le=_AS_BODY)


@dataclass(frozen=True)
class Told:
    """What the API answered; `body` is its JSON, or its text where it is none."""

    status: int
    body: Any

    @property
    def went_well(self) -> bool:
        return self.status < HTTPStatus.BAD_REQUEST


@dataclass(frozen=True)
class Connections:
    """Both Connections of one organisation; `administrators` are the users the second one is shared with."""

    api: str
    tokens: Mapping[str, str]
    administrators: frozenset[str] = frozenset()

    def may_use(self, name: str, user: str) -> bool:
        return name == AGENTS or (name in self.tokens and user in self.administrators)

    def ask(
        self,
        name: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Told:
        """Send one request to the API below its address."""
        with requests.Session() as session:
            session.trust_env = False  # no proxy between two programs on one machine
            answer = session.request(
                method,
                f"{self.api}{path}",
                params=query,
                json=body,
                headers={**(headers or {}), "Authorization": f"Bearer {self.tokens[name]}"},
                timeout=_SECONDS,
            )
        try:
            return Told(answer.status_code, answer.json())
        except requests.JSONDecodeError:
            return Told(answer.status_code, answer.text)

    def put(self, address: str, content: bytes, content_type: str) -> None:
        """Upload a file to the address the API gave for it."""
        with requests.Session() as session:
            session.trust_env = False
            headers = {"Content-Type": content_type}
            session.put(address, data=content, headers=headers, timeout=_SECONDS).raise_for_status()

    def invoke(self, name: str, user: str, asked: Invocation) -> dict[str, Any]:
        """Answer a widget as Zoho does."""
        # Another address would make of this page a way to anywhere.
        if not asked.url.startswith(f"{self.api}/") or not self.may_use(name, user):
            return {"code": "FAILURE", "message": "Connection invocation failed", "status": "error", "details": {}}
        query, body = (asked.parameters, None) if asked.param_type == _AS_QUERY else (None, asked.parameters)
        told = self.ask(
            name, asked.method, asked.url.removeprefix(self.api), query=query, body=body, headers=asked.headers
        )
        return {
            "code": "SUCCESS",
            "details": {"statusMessage": told.body, "status": "true" if told.went_well else "false"},
            "message": "Connection invoked successfully",
            "status": "success",
        }
