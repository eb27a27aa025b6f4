"""The metrics that code writes, read from the code: every name and the dimensions it is told apart by."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
_WRITERS = {"count", "gauge"}
_NOT_DIMENSIONS = {"value", "unit"}


def metrics_in_code() -> dict[str, set[str]]:
    """Return each metric's dimensions beside the tenant, by its name."""
    found: dict[str, set[str]] = {}
    for file in sorted([*(ROOT / "layers/santral").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]):
        for name, dimensions in metrics_in(file.read_text(encoding="utf-8")):
            found.setdefault(name, set()).update(dimensions)
    return found


def metrics_in(source: str) -> Iterator[tuple[str, set[str]]]:
    """Yield names and dimensions. A name put together where it is used could not be searched for, so it is refused."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _WRITERS:
            dimensions = {str(keyword.arg) for keyword in node.keywords} - _NOT_DIMENSIONS
            for name in _names(node.args[0]):
                yield name, dimensions


def _names(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=str(name)):
            return [name]
        case ast.IfExp(body=one, orelse=other):
            return [*_names(one), *_names(other)]
    raise AssertionError(f"line {node.lineno}: write the metric's name out, as {ast.unparse(node)} is found by nobody")
