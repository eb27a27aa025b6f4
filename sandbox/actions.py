"""Every route with the function behind it, and what template, code and sample events tell about both."""

import importlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from sandbox.template import Function, Route, Template
from santral import errors
from santral.api import HttpAction

ROOT = Path(__file__).parent.parent
TEMPLATE = ROOT / "template.yaml"
EVERY_PROVIDER = dict.fromkeys(("with_virtual_ats", "with_kobikom", "with_verimor", "with_wap_crm"), True)

# What any request may be refused with, whatever it asks for.
_ALWAYS = (
    errors.MalformedRequest,
    errors.RequestTooLarge,
    errors.UnsupportedMediaType,
    errors.InvalidRequest,
    errors.NotConfigured,
    errors.Conflict,
    errors.SantralError,
)
_AT_MOST_ONCE = (errors.InProgress, errors.IdempotencyMismatch, errors.OutcomeUnknown)
_BY_PROVIDERS = (
    errors.NotSupported,
    errors.Rejected,
    errors.CredentialsRefused,
    errors.Unintelligible,
    errors.Unreachable,
    errors.Busy,
    errors.Unanswered,
    errors.OutcomeUnknown,
)
_OF_WEBHOOKS = (errors.NotAuthentic, errors.NotConfigured, errors.MalformedRequest, errors.SantralError)
_PROVIDER_SECRETS = {"VirtualAtsSecret", "KobikomSecret", "VerimorSecret", "WapCrmSecret"}

Refusal = type[errors.SantralError]


@dataclass(frozen=True)
class Action:
    """One route. `rights` are the statements of its function's policy, `samples` its sample events by name."""

    route: Route
    function: Function
    module: ModuleType
    rights: tuple[Mapping[str, Any], ...]
    samples: Mapping[str, Mapping[str, Any]]

    @property
    def area(self) -> str:
        return self.module.__name__.split(".")[1]

    @property
    def file(self) -> str:
        return self.module.__name__.split(".")[2]

    @property
    def name(self) -> str:
        return f"{self.area}_{self.file}"

    @property
    def documented_route(self) -> str:
        """The route its docstring names."""
        return (self.module.__doc__ or "").partition(": ")[0]

    @property
    def sentence(self) -> str:
        text = (self.module.__doc__ or "").partition(": ")[2].strip()
        return text[:1].upper() + text[1:]

    @property
    def handler(self) -> HttpAction[Any] | None:
        """None for a webhook, whose body only its provider's module understands."""
        handler = self.module.handler
        return handler if isinstance(handler, HttpAction) else None

    @property
    def role(self) -> str:
        return self.handler.role if self.handler else "provider"

    @property
    def at_most_once(self) -> bool:
        return self._uses("once")

    @property
    def asks_providers(self) -> bool:
        return any(name in _PROVIDER_SECRETS for right in self.rights for name in resources(right))

    @property
    def refusals(self) -> list[Refusal]:
        if self.handler is None:
            return list(_OF_WEBHOOKS)
        return [
            *_ALWAYS,
            *self.handler.refusals,
            *((errors.NotAllowed,) if self.role != "public" else ()),
            *(_AT_MOST_ONCE if self.at_most_once else ()),
            *(_BY_PROVIDERS if self.asks_providers else ()),
        ]

    def _uses(self, attribute: str) -> bool:
        # The code itself tells which parts of the request it uses; a list beside it could be wrong.
        return self.handler is not None and attribute in self.handler.action.__code__.co_names


def actions(template: Template) -> list[Action]:
    """All of a template, by path and method."""
    routes = sorted(template.http_api.routes, key=lambda route: (route.path, route.method))
    return [_action(template, route) for route in routes]


def whole_template() -> Template:
    """The template of a tenant that has everything."""
    return Template(TEMPLATE, {"tenant": "sandbox", **EVERY_PROVIDER})


def resources(right: Mapping[str, Any]) -> Iterator[str]:
    """The logical ids, or `Table.Arn/index/..`, of what a statement is about."""
    named = right["Resource"]
    for resource in named if isinstance(named, list) else [named]:
        match resource:
            case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
                yield name
            case {"Fn::Sub": str(text)}:
                yield text.replace("${", "").replace("}", "")
            case _:
                yield str(resource)


def _action(template: Template, route: Route) -> Action:
    function = template.functions[route.function]
    module = importlib.import_module(function.handler.rpartition(".")[0])
    return Action(route, function, module, tuple(template.rights(function)), dict(_samples(module, route)))


def _samples(module: ModuleType, route: Route) -> Iterator[tuple[str, Mapping[str, Any]]]:
    _, area, action = module.__name__.split(".")
    for file in sorted((ROOT / "events" / area).glob(f"{action}*.json")):
        event = json.loads(file.read_text(encoding="utf-8"))
        if event.get("routeKey") == route.key:
            yield file.stem, event
