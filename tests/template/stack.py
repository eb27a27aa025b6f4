"""The template read for its rules: as written, and as SAM and CloudFormation make it for one tenant."""

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sandbox.intrinsics import load_yaml
from sandbox.template import Template

ROOT = Path(__file__).parents[2]
EVERYTHING = {
    "Tenant": "acme",
    "WithVirtualAts": "true",
    "WithKobikom": "true",
    "WithVerimor": "true",
    "WithWapCrm": "true",
    "PublicDomain": "calls.example.com",
    "CertificateArn": "arn:aws:acm:eu-central-1:000000000000:certificate/0",
    "WidgetOrigins": "https://crm.example.com",
    "AlarmEmail": "alarms@example.com",
    "EgressSubnets": "subnet-0a1b2c3d,subnet-1a2b3c4d",
    "EgressSecurityGroups": "sg-0a1b2c3d",
    "WithDashboard": "true",
    "WithExtraMetrics": "true",
}

Resources = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Stack:
    written: dict[str, Any]
    parameters: Mapping[str, str]
    file: Path

    @cached_property
    def made(self) -> Resources:
        return Template(self.file, self.parameters).resources

    @cached_property
    def made_for_another_tenant(self) -> Resources:
        return Template(self.file, {**self.parameters, "Tenant": "other"}).resources

    def of_type(self, *types: str) -> Resources:
        return of_type(self.made, *types)

    @property
    def functions(self) -> Resources:
        return self.of_type("AWS::Lambda::Function")

    def role(self, function: str) -> dict[str, Any]:
        return self.made[target(self.functions[function]["Role"])]["Properties"]

    def statements(self, function: str) -> Iterator[dict[str, Any]]:
        for policy in self.role(function).get("Policies", []):
            yield from policy["PolicyDocument"]["Statement"]

    def handler_file(self, function: str) -> Path:
        """From the repository's root."""
        return Path(*self.functions[function]["Handler"].split(".")[:-1]).with_suffix(".py")

    @property
    def routes(self) -> dict[str, dict[str, Any]]:
        (api,) = self.of_type("AWS::ApiGatewayV2::Api").values()
        return {
            f"{method.upper()} {path}": operation
            for path, methods in api["Body"]["paths"].items()
            for method, operation in methods.items()
        }


def written_template() -> dict[str, Any]:
    return load_yaml((ROOT / "template.yaml").read_text(encoding="utf-8"))


def stack_of(written: dict[str, Any], folder: Path, parameters: Mapping[str, str] = EVERYTHING) -> Stack:
    file = folder / "template.json"
    file.write_text(json.dumps(written), encoding="utf-8")
    return Stack(written, parameters, file)


def of_type(resources: Resources, *types: str) -> Resources:
    return {name: it.get("Properties", {}) for name, it in resources.items() if it["Type"] in types}


def target(reference: Any) -> str:
    """The logical id a Ref, GetAtt or Sub names."""
    match reference:
        case {"Ref": name} | {"Fn::GetAtt": [name, _]}:
            return name
        case {"Fn::Sub": str(text)}:
            return text.removeprefix("${").split(".")[0]
    return str(reference)


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


REMOVED = object()


def changed(written: dict[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """A copy with one place changed, or taken out."""
    copied = copy.deepcopy(written)
    place = copied
    for step in path[:-1]:
        place = place.setdefault(step, {}) if isinstance(place, dict) else place[step]
    if value is REMOVED:
        del place[path[-1]]
    elif isinstance(place, list) and path[-1] == len(place):
        place.append(value)
    else:
        place[path[-1]] = value
    return copied
