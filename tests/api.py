"""docs/api.md: every route with the function behind it, what that may do and whom it asks. `python -m tests.api`"""

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.actions import ROOT, Action, actions, resources, whole_template
from tests.operations import OPERATIONS

PAGE = ROOT / "docs" / "api.md"
_HEAD = """\
# The HTTP API

Written by `make docs` from the template, the functions and the table of operations; do not edit. `openapi.json` beside
this page says the same to programs, with every field, answer and refusal; the sandbox shows it at `/docs`.

A route's role is who may ask: `agent` lets administrators in, too; `public` is whoever holds the link; `provider` is
the one whose token is part of the path. What a function may do is all that its role allows, beside its log and traces.
"""


def page() -> str:
    """Return docs/api.md."""
    found = actions(whole_template())
    parts = [_HEAD, _table(found)]
    for area in sorted({action.area for action in found}):
        parts.append(f"## {area}\n")
        parts += [_section(action) for action in found if action.area == area]
    return "\n".join(parts)


def _table(found: Iterable[Action]) -> str:
    lines = ["| route | function | role | time-out | memory |", "|---|---|---|---|---|"]
    for action in found:
        function = action.function
        lines.append(
            f"| [`{action.route.key}`](#{_anchor(action)}) | `{action.area}/{action.file}` | {action.role} "
            f"| {function.timeout:g} s | {function.memory} MB |"
        )
    return "\n".join(lines) + "\n"


def _section(action: Action) -> str:
    lines = [f"### {action.route.key}", "", action.sentence, ""]
    asked = _asked(action)
    if asked:
        lines.append(f"- asks: {asked}")
    lines += [f"- may {right}" for right in _rights(action.rights)]
    if action.handler:
        answers = ", ".join(
            f"{status} {f'`{model.__name__}`' if model else 'without a body'}"
            for status, model in action.handler.answers.items()
        )
        lines.append(f"- answers: {answers}")
        own = sorted({f"{refusal.status} `{refusal.code}`" for refusal in action.handler.refusals})
        lines += [f"- refuses of its own: {', '.join(own)}"] * bool(own)
        lines += ["- happens at most once; takes an `Idempotency-Key`"] * action.at_most_once
    return "\n".join(lines) + "\n"


def _asked(action: Action) -> str:
    """Whom it asks: the operations of tests/operations.py that stand behind its route."""
    behind: dict[str, list[str]] = {}
    for operation in OPERATIONS:
        routes = [route.partition(" with ")[0].partition("?")[0] for route in operation.routes.split(", ")]
        if action.route.key in routes and action.role != "provider":
            behind.setdefault(operation.provider, []).append(operation.name)
    return "; ".join(f"{provider} {', '.join(f'`{it}`' for it in names)}" for provider, names in behind.items())


def _rights(rights: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """What its role allows, one line for statements that allow the same on different things."""
    things: dict[str, list[str]] = {}
    for right in rights:
        allowed = ", ".join(f"`{action}`" for action in sorted(_listed(right["Action"])))
        keys = right.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", [])
        things.setdefault(allowed, []).extend(_listed(keys) or resources(right))
    return [f"{allowed} on {', '.join(f'`{thing}`' for thing in on)}" for allowed, on in things.items()]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _anchor(action: Action) -> str:
    """The heading's anchor, as GitHub makes it."""
    kept = (letter for letter in action.route.key.lower() if letter.isalnum() or letter in " -_")
    return "".join(kept).replace(" ", "-")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
