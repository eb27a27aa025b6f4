"""The template's parameters: what is decided for a tenant, with defaults and limits as template.yaml states them.

`python -m operations.parameters` writes docs/parameters.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sandbox.intrinsics import load_yaml

ROOT = Path(__file__).parent.parent
TEMPLATE = ROOT / "template.yaml"
PAGE = ROOT / "docs" / "parameters.md"

_HEAD = """\
# The parameters of a tenant

Written by `make docs` from template.yaml; `make test` holds it current. `operations tenant add` sets any of them with
`--set Name=value` and refuses what is not allowed here; they stand in the tenant's section of samconfig.toml.

| parameter | what it decides | default | allowed |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Parameter:
    """One parameter of the template. Numbers and switches are texts, as CloudFormation takes them."""

    name: str
    description: str
    default: str | None
    kind: str  # CloudFormation's word for it
    choices: tuple[str, ...]
    pattern: str | None
    constraint: str
    bounds: tuple[int | None, int | None]

    @property
    def allowed(self) -> str:
        """What a value may be, in words; empty when anything goes."""
        if self.choices:
            return ", ".join(self.choices)
        least, most = self.bounds
        if least is not None and most is not None:
            return f"{least} to {most}"
        return self.constraint

    def problem(self, value: str) -> str | None:
        """Return what is wrong with a value as a sentence, or None."""
        if self._allows(value):
            return None
        return self.constraint or f"{self.name} is {'one of ' if self.choices else ''}{self.allowed}."

    def _allows(self, value: str) -> bool:
        if self.choices and value not in self.choices:
            return False
        # Of a list each part has to match, and no part at all is one that is empty.
        parts = value.split(",") if self.kind == "CommaDelimitedList" else [value]
        if self.pattern is not None and not all(re.fullmatch(self.pattern, part) for part in parts):
            return False
        if self.kind != "Number":
            return True
        least, most = self.bounds
        number = int(value) if re.fullmatch(r"\d{1,9}", value) else None
        return number is not None and (least is None or number >= least) and (most is None or number <= most)


@cache
def parameters() -> Mapping[str, Parameter]:
    """Return what template.yaml declares, in its order."""
    # The rest of the template takes a second to read, at each command.
    _, _, behind = TEMPLATE.read_text(encoding="utf-8").partition("\nParameters:\n")
    declared: dict[str, dict[str, Any]] = load_yaml(re.split(r"^[A-Z]", behind, maxsplit=1, flags=re.MULTILINE)[0])
    return {name: _parameter(name, it) for name, it in declared.items()}


def _parameter(name: str, declared: Mapping[str, Any]) -> Parameter:
    return Parameter(
        name=name,
        description=declared["Description"],
        default=str(declared["Default"]) if "Default" in declared else None,
        kind=declared["Type"],
        choices=tuple(str(choice) for choice in declared.get("AllowedValues", ())),
        pattern=declared.get("AllowedPattern"),
        constraint=declared.get("ConstraintDescription", ""),
        bounds=(declared.get("MinValue"), declared.get("MaxValue")),
    )


def page() -> str:
    """Return docs/parameters.md as it should be."""
    return _HEAD + "".join(_line(it) for it in parameters().values())


def _line(it: Parameter) -> str:
    default = "needed" if it.default is None else f"`{it.default}`" if it.default else "empty"
    return f"| `{it.name}` | {_cell(it.description)} | {default} | {_cell(it.allowed)} |\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
