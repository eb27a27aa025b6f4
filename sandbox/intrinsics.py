"""CloudFormation's YAML tags and intrinsic functions.

Evaluation is partial: what a scope does not know yet stays as it is, so a template can first be read with its
parameters and later, once its resources exist, with their names.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

NO_VALUE: Any = object()
_VARIABLE = re.compile(r"\$\{(!?)([^}]+)\}")


class TemplateError(Exception):
    """The template asks for something that cannot be worked out here."""


@dataclass(frozen=True)
class Scope:
    """What names mean: `Ref`s, `GetAtt`s by (resource, attribute), conditions as written, mappings."""

    references: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    conditions: Mapping[str, Any] = field(default_factory=dict)
    mappings: Mapping[str, Any] = field(default_factory=dict)

    def condition(self, name: str) -> bool:
        if name not in self.conditions:
            raise TemplateError(f"no condition is called {name}")
        return _truth(self.conditions[name], self)


def load_yaml(text: str) -> Any:
    try:
        # A SafeLoader with constructors for CloudFormation's short forms only.
        return yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        raise TemplateError(f"the template is no YAML: {error}") from error


def evaluate(node: Any, scope: Scope) -> Any:
    match node:
        case list():
            return [value for value in (evaluate(item, scope) for item in node) if value is not NO_VALUE]
        case dict():
            if len(node) == 1:
                name, argument = next(iter(node.items()))
                if name in _FUNCTIONS:
                    return _FUNCTIONS[name](argument, scope)
            values = {key: evaluate(value, scope) for key, value in node.items()}
            return {key: value for key, value in values.items() if value is not NO_VALUE}
    return node


def unresolved(node: Any) -> bool:
    """Whether an intrinsic function is left anywhere in it."""
    match node:
        case list():
            return any(unresolved(item) for item in node)
        case dict():
            return any(key in _FUNCTIONS or unresolved(value) for key, value in node.items())
    return False


class _Loader(yaml.SafeLoader):
    pass


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    match node:
        case yaml.ScalarNode():
            value: Any = loader.construct_scalar(node)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case yaml.MappingNode():
            value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)


def _truth(node: Any, scope: Scope) -> bool:
    match node:
        case {"Condition": str(name)}:
            return scope.condition(name)
        case {"Fn::And": list(parts)}:
            return all(_truth(part, scope) for part in parts)
        case {"Fn::Or": list(parts)}:
            return any(_truth(part, scope) for part in parts)
        case {"Fn::Not": [part]}:
            return not _truth(part, scope)
        case {"Fn::Equals": [left, right]}:
            return _as_text(evaluate(left, scope)) == _as_text(evaluate(right, scope))
    raise TemplateError(f"not a condition: {node}")


def _ref(name: str, scope: Scope) -> Any:
    return scope.references.get(name, {"Ref": name})


def _get_att(argument: Any, scope: Scope) -> Any:
    resource, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
    return scope.attributes.get((resource, attribute), {"Fn::GetAtt": [resource, attribute]})


def _sub(argument: Any, scope: Scope) -> Any:
    text, own = argument if isinstance(argument, list) else (argument, {})
    known = evaluate(own, scope)
    left: set[str] = set()

    def value_of(match: re.Match[str]) -> str:
        literal, name = match.groups()
        if literal:
            return match[0]
        value = known.get(name, _ref(name, scope) if "." not in name else _get_att(name, scope))
        if unresolved(value):
            left.add(name)
            return match[0]
        return _as_text(value)

    replaced = _VARIABLE.sub(value_of, text)
    if not left:
        return replaced.replace("${!", "${")
    variables = {name: value for name, value in known.items() if name in left}
    return {"Fn::Sub": [replaced, variables] if variables else replaced}


def _join(argument: Any, scope: Scope) -> Any:
    separator, parts = argument[0], evaluate(argument[1], scope)
    if unresolved(parts):
        return {"Fn::Join": [separator, parts]}
    return separator.join(_as_text(part) for part in parts)


def _select(argument: Any, scope: Scope) -> Any:
    index, values = argument[0], evaluate(argument[1], scope)
    return {"Fn::Select": [index, values]} if unresolved(values) else values[int(index)]


def _split(argument: Any, scope: Scope) -> Any:
    separator, text = argument[0], evaluate(argument[1], scope)
    return {"Fn::Split": [separator, text]} if unresolved(text) else text.split(separator)


def _if(argument: Any, scope: Scope) -> Any:
    condition, then, otherwise = argument
    return evaluate(then if scope.condition(condition) else otherwise, scope)


def _find_in_map(argument: Any, scope: Scope) -> Any:
    name, first, second = evaluate(argument, scope)
    try:
        return scope.mappings[name][first][second]
    except KeyError as missing:
        raise TemplateError(f"the mapping {name} has no {missing} (looking for {first}, {second})") from None


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_FUNCTIONS: Mapping[str, Callable[[Any, Scope], Any]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::If": _if,
    "Fn::FindInMap": _find_in_map,
}
