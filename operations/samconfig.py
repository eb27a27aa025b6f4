"""The tenants in samconfig.toml: one section each, which `sam deploy --config-env <tenant>` reads.

Written as text, so that whatever else stands in the file stays as it is: comments, and other tenants.
"""

import os
import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from santral.errors import SantralError
from santral.sentences import say

ROOT = Path(__file__).parent.parent
_DEFAULT = "default"  # what `sam` reads when it is told no tenant
_SECTION = re.compile(r"^\[", re.MULTILINE)


class UnknownTenant(SantralError):
    """No section of samconfig.toml is this tenant's."""


@dataclass(frozen=True)
class Deployment:
    """Where a tenant is deployed, and the parameters that are not the template's defaults."""

    tenant: str
    stack: str
    region: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    def section(self) -> str:
        """Return the section as it is written; it repeats what sections do not inherit."""
        overrides = "".join(f'    "{name}={value}",\n' for name, value in self.parameters.items())
        return (
            f"[{self.tenant}.deploy.parameters]\n"
            f'stack_name = "{self.stack}"\n'
            f'region = "{self.region}"\n'
            'capabilities = ["CAPABILITY_IAM"]\n'
            "resolve_s3 = true\n"
            "confirm_changeset = true\n"
            f"parameter_overrides = [\n{overrides}]\n"
        )


class SamConfig:
    """The file of a clone, or the one that SANTRAL_SAMCONFIG names."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file or Path(os.environ.get("SANTRAL_SAMCONFIG") or ROOT / "samconfig.toml")

    def deployments(self) -> list[Deployment]:
        """Return all tenants in the file's order."""
        return [
            _deployment(name, it["deploy"]["parameters"])
            for name, it in tomllib.loads(self._text()).items()
            if name != _DEFAULT and isinstance(it, dict) and "stack_name" in it.get("deploy", {}).get("parameters", {})
        ]

    def deployment(self, tenant: str) -> Deployment:
        """Return one tenant's.

        Raises:
            UnknownTenant: It has no section.
        """
        for it in self.deployments():
            if it.tenant == tenant:
                return it
        known = ", ".join(it.tenant for it in self.deployments()) or "none"
        raise UnknownTenant(
            f"no section {tenant}",
            sentence=say(
                "There is no tenant {tenant} in {file}. Known: {known}.",
                tenant=tenant,
                file=self.file.name,
                known=known,
            ),
        )

    def add(self, deployment: Deployment) -> None:
        """Write a new tenant's section behind all others."""
        self._write(self._text().rstrip("\n") + "\n\n" + deployment.section())

    def set_parameter(self, tenant: str, name: str, value: str) -> None:
        """Change one parameter of a tenant, or add it; the rest of its section stays as it is."""
        begin, end = self._place(tenant)
        text = self._text()
        told = f'"{name}={value}"'
        changed, count = re.subn(rf'"{name}=[^"]*"', told, text[begin:end], count=1)
        if not count:
            changed = re.sub(r"(parameter_overrides = \[\n)", rf"\1    {told},\n", text[begin:end], count=1)
        self._write(text[:begin] + changed + text[end:])

    def remove(self, tenant: str) -> None:
        """Take a tenant's section out."""
        begin, end = self._place(tenant)
        text = self._text()
        self._write(text[:begin].rstrip("\n") + "\n\n" + text[end:] if text[end:] else text[:begin].rstrip("\n") + "\n")

    def _place(self, tenant: str) -> tuple[int, int]:
        self.deployment(tenant)
        text = self._text()
        begin = text.index(f"[{tenant}.deploy.parameters]")
        following = _SECTION.search(text, begin + 1)
        end = following.start() if following else len(text)
        # What is said right above the next section is the next one's.
        comment = re.search(r"(?:^#[^\n]*\n)+\Z", text[begin:end], re.MULTILINE)
        return begin, begin + comment.start() if comment and following else end

    def _text(self) -> str:
        return self.file.read_text(encoding="utf-8") if self.file.exists() else "version = 0.1\n"

    def _write(self, text: str) -> None:
        tomllib.loads(text)  # a file that sam could not read is never written
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(text, encoding="utf-8")


def _deployment(tenant: str, told: Mapping[str, Any]) -> Deployment:
    overrides = told.get("parameter_overrides", [])
    # `sam deploy --guided` writes one text, with quotes where a shell would want them.
    pairs: list[str] = shlex.split(overrides) if isinstance(overrides, str) else overrides
    return Deployment(
        tenant=tenant,
        stack=told["stack_name"],
        region=told.get("region", ""),
        parameters={name: value for name, _, value in (pair.partition("=") for pair in pairs)},
    )
