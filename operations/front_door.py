"""Whether the outside reaches us: the API and each webhook, asked at their public addresses as others would."""

import json
import secrets
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from operations.company import Company
from operations.webhooks import Address, addresses, newest_token
from santral import __version__
from santral.errors import OutsideFailure
from santral.health.findings import Finding, Look, failed, warning
from santral.http import Answer, Http
from santral.providers.credentials import is_encrypted
from santral.providers.ports import WebhookRegistration
from santral.providers.registry import Ability, can
from santral.sentences import say

_TOKEN = "{token}"  # noqa: S105 (the place of one)
# What the status function may take, and a little more: it asks each provider.
_STATUS_SECONDS = 29.0
_OK = 200
_NO_TOKEN = 401
_WRONG_TOKEN = 401


def looks(company: Company) -> Iterator[Look]:
    """Return what there is to try from outside."""
    yield Look("api", partial(_reached, company, partial(_api, company)))
    for address in _webhooks(company):
        yield Look(f"webhook {_named(address)}", partial(_reached, company, partial(_webhook, company, address)))
    for it in addresses(company.tenant.settings.tenant, company.stack.outputs, with_tokens=False):
        if can(it.provider, Ability.CONNECT):
            yield Look(f"{it.provider} tells us", partial(_registered, company, it))


def _reached(company: Company, find: Callable[[], Finding]) -> Finding:
    try:
        return find()
    except OutsideFailure as failure:
        host = urlsplit(company.tenant.settings.public_url).hostname or "-"
        return failed(
            say("{host} is not reached from here ({code}).", host=host, code=failure.code),
            fix=say("See that its DNS record is the stack's PublicDomainTarget, and that this machine may go there."),
        )


def _api(company: Company) -> Finding:
    url = company.tenant.settings.public_url
    if not is_encrypted(url):
        return failed(say("The API is reached over plain http."), fix=say("Deploy it behind https."))
    token = newest_token(company.tenant.settings.tenant, "api", "agent_tokens")
    if token is None:
        return failed(
            say("Nobody may call the API: the secret api has no agent_tokens."),
            fix=say("python -m operations secrets set {tenant} api", tenant=company.tenant.settings.tenant),
        )
    door = Http("api", url)
    anonymous = door.call("GET", "/status", safe=True, deadline=_STATUS_SECONDS)
    if anonymous.status != _NO_TOKEN:
        return failed(
            say("The API answers {status} to a request without a token, where 401 is due.", status=anonymous.status),
            fix=say("See that {name} leads to this stack's API, and that its authorizer is the template's.", name=url),
        )
    answer = door.call(
        "GET", "/status", safe=True, headers={"Authorization": f"Bearer {token}"}, deadline=_STATUS_SECONDS
    )
    return _what_the_api_says(answer)


def _what_the_api_says(answer: Answer) -> Finding:
    told = _object(answer) if answer.status == _OK else {}
    if "version" not in told:
        return failed(
            say("The API answers {status} to the newest agent token.", status=answer.status),
            fix=say("After a rotation wait five minutes; else look into the logs of authorizer and status."),
        )
    version = told["version"]
    if version != __version__:
        return warning(
            say("Version {deployed} is deployed, this clone is {ours}.", deployed=version, ours=__version__),
            fix=say("Deploy this clone, or check out the tag of the version that is deployed."),
        )
    wrong = ", ".join(str(it.get("name")) for it in told.get("checks", []) if not it.get("ok"))
    if wrong:
        return warning(
            say("The API answers; its own check finds fault with: {names}.", names=wrong),
            fix=say(
                "Where the same part is well here, the functions lack a right or a way out: see the log of status."
            ),
        )
    return Finding(say("The API lets in who has a token and nobody else, and is of version {ours}.", ours=__version__))


def _webhook(company: Company, address: str) -> Finding:
    provider = _provider(address)
    token = newest_token(company.tenant.settings.tenant, provider)
    if token is None:
        return failed(
            say("{provider} cannot tell us anything: its secret has no webhook_tokens.", provider=provider),
            fix=say(
                "python -m operations secrets set {tenant} {provider}",
                tenant=company.tenant.settings.tenant,
                provider=provider,
            ),
        )
    wrong, right = _probe(address, secrets.token_urlsafe(24)), _probe(address, token)
    if (wrong, right) == (_WRONG_TOKEN, _OK):
        return Finding(say("{provider}'s webhook is reached, and takes its own token alone.", provider=provider))
    return failed(
        say(
            "{provider}'s webhook answers {right} to its token and {wrong} to a wrong one, where 200 and 401 are due.",
            provider=provider,
            right=right,
            wrong=wrong,
        ),
        fix=say(
            "After a rotation wait five minutes. Else see that the address leads to this stack's API, "
            "and look into the log of {provider}'s webhook function.",
            provider=provider,
        ),
    )


def _registered(company: Company, address: Address) -> Finding:
    """Tell whether a provider that says where it posts its events posts them to us."""
    there: WebhookRegistration = company.tenant.provider(address.provider, Ability.CONNECT)
    before, _, after = address.url.partition(_TOKEN)
    told = there.webhook_settings()
    if told.url.startswith(before) and told.url.endswith(after) and told.sends:
        return Finding(say("{provider} posts its events to this API.", provider=address.provider))
    return failed(
        say("{provider} posts its events nowhere, or to somebody else.", provider=address.provider),
        fix=say("python -m operations connect {tenant}", tenant=company.tenant.settings.tenant),
    )


def _probe(address: str, token: str) -> int:
    """Post an empty body, which providers send to see whether somebody is there; it tells of no call."""
    parts = urlsplit(address)
    door = Http("api", f"{parts.scheme}://{parts.netloc}")
    headers = {"Content-Type": "application/json"}
    path = parts.path.replace(_TOKEN, token)
    return door.call("POST", path, safe=True, headers=headers, body=b"", deadline=_STATUS_SECONDS).status


def _webhooks(company: Company) -> list[str]:
    return [url for name, url in company.stack.outputs.items() if name.endswith("WebhookUrl")]


def _named(address: str) -> str:
    """Return e.g. "verimor calls" for …/webhooks/verimor/calls/{token}."""
    return " ".join(urlsplit(address).path.split("/")[2:-1])


def _provider(address: str) -> str:
    return urlsplit(address).path.split("/")[2]


def _object(answer: Answer) -> dict[str, Any]:
    try:
        told = json.loads(answer.body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
