"""Reads Zoho's Deluge as far as our functions speak it: what does not parse here is no statement of theirs.

Nothing of ours can run Deluge, so its scripts are at least read: every bracket, every statement, and what each
`invokeurl` sends where. The grammar is that of https://www.zoho.com/deluge/help/, without what we do not use.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_SIGNS = re.compile(
    r'\s+|//[^\n]*|(?P<text>"(?:[^"\\\n]|\\.)*")|(?P<word>[A-Za-z_]\w*)|(?P<sign>==|!=|&&|\|\||[^\s\w"]|\d+)'
)
_SIGNATURE = re.compile(r"string (button\.\w+)\(((?:String \w+(?:, (?=String))?)*)\) \{\n")
_PLAIN_WORDS = ("type", "detailed")
_VALUES = ("null", "true", "false")
_COMPARISONS = ("==", "!=", "&&", "||", ">", "<")


class NotDelugeError(Exception):
    """What stands there is none of the language's statements."""


@dataclass(frozen=True)
class Text:
    value: str


@dataclass(frozen=True)
class Name:
    value: str


@dataclass(frozen=True)
class MapOf:
    entries: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Call:
    """A function's or a method's call; `of` is what the method is of."""

    name: str
    of: Any
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Joined:
    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Compared:
    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Invocation:
    """An `invokeurl`: its keys, and what was known of each variable when it ran."""

    keys: dict[str, Any]
    known: dict[str, Any]


@dataclass
class Function:
    """A script: its name and arguments, what it asks of whom, and what it answers."""

    name: str
    arguments: list[str]
    invocations: list[Invocation] = field(default_factory=list)
    returned: list[Any] = field(default_factory=list)


def read(script: str) -> Function:
    """Read a script whole.

    Raises:
        NotDelugeError: Something in it is no statement, or is left open.
    """
    signature = _SIGNATURE.match(script)
    if signature is None:
        raise NotDelugeError("the first line is no signature")
    arguments = [each.removeprefix("String ") for each in signature[2].split(", ") if each]
    function = Function(signature[1], arguments)
    _Script(list(_tokens(script[signature.end() - 2 :])), function).body()
    return function


def _tokens(script: str) -> Iterator[str]:
    at = 0
    while at < len(script):
        found = _SIGNS.match(script, at)
        if found is None:
            raise NotDelugeError(f"cannot read {script[at : at + 20]!r}")
        at = found.end()
        if found.lastgroup:
            yield found[0]


class _Script:
    def __init__(self, tokens: list[str], function: Function) -> None:
        self._tokens = tokens
        self._at = 0
        self._function = function
        self._known: dict[str, Any] = {name: Name(name) for name in function.arguments}

    def body(self) -> None:
        self._block()
        if self._next:
            raise NotDelugeError(f"{self._next!r} after the end")
        if not self._function.returned:
            raise NotDelugeError("nothing is returned")

    def _block(self) -> None:
        self._take("{")
        while self._next != "}":
            self._statement()
        self._take("}")

    def _statement(self) -> None:
        if self._next == "if":
            self._take("if")
            self._take("(")
            self._expression()
            self._take(")")
            self._block()
        elif self._next == "for":
            self._take("for")
            self._take("each")
            self._known[self._word()] = Name("one of them")
            self._take("in")
            self._expression()
            self._block()
        elif self._next == "return":
            self._take("return")
            self._function.returned.append(self._expression())
            self._take(";")
        elif self._tokens[self._at + 1 : self._at + 2] == ["="]:
            name = self._word()
            self._take("=")
            self._known[name] = self._invocation() if self._next == "invokeurl" else self._resolved(self._expression())
            self._take(";")
        else:
            self._change(self._expression())
            self._take(";")

    def _change(self, call: Any) -> None:
        """Note what a map or list is given: `map.put(key,value);` and `list.add(value);`."""
        if not isinstance(call, Call):
            raise NotDelugeError(f"{call} does nothing")
        name = call.of.value if isinstance(call.of, Name) else None
        before = self._known.get(name or "")
        if call.name == "put":
            key, value = call.arguments
            if not isinstance(key, Text):
                raise NotDelugeError("a key that is no text")
            entries = before.entries if isinstance(before, MapOf) else (("...", before),)
            self._known[name or ""] = MapOf((*entries, (key.value, self._resolved(value))))
        elif call.name == "add":
            self._known[name or ""] = Call("List", None, (self._resolved(call.arguments[0]),))
        elif call.name != "openUrl":
            raise NotDelugeError(f"{call.name} does nothing")

    def _invocation(self) -> Name:
        self._take("invokeurl")
        self._take("[")
        keys: dict[str, Any] = {}
        while self._next != "]":
            key = self._word()
            self._take(":")
            keys[key] = Name(self._word()) if key in _PLAIN_WORDS else self._expression()
        self._take("]")
        self._function.invocations.append(Invocation(keys, dict(self._known)))
        return Name("response")

    def _expression(self) -> Any:
        parts = [self._sum()]
        while self._next in _COMPARISONS:
            self._take(self._next)
            parts.append(self._sum())
        return parts[0] if len(parts) == 1 else Compared(tuple(parts))

    def _sum(self) -> Any:
        parts = [self._term()]
        while self._next == "+":
            self._take("+")
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else Joined(tuple(parts))

    def _term(self) -> Any:
        token = self._next
        if token.startswith('"'):
            term: Any = Text(self._taken()[1:-1].replace('\\"', '"'))
        elif token == "{":
            term = self._map()
        elif token.isdigit():
            term = Text(self._taken())
        else:
            name = self._word()
            term = Call(name, None, self._arguments()) if self._next == "(" else Name(name)
        while self._next == ".":
            self._take(".")
            name = self._word()
            if self._next == "(":
                term = Call(name, self._checked(term), self._arguments())
            elif isinstance(term, Name):
                term = Name(f"{term.value}.{name}")
            else:
                raise NotDelugeError(f".{name} of something without a name")
        return self._checked(term)

    def _checked(self, term: Any) -> Any:
        """Refuse a name nobody has given a value; those of Zoho's own have a dot."""
        if isinstance(term, Name) and "." not in term.value and term.value not in (*self._known, *_VALUES):
            raise NotDelugeError(f"{term.value} is not known")
        return term

    def _arguments(self) -> tuple[Any, ...]:
        self._take("(")
        arguments = []
        while self._next != ")":
            arguments.append(self._expression())
            if self._next != ")":
                self._take(",")
        self._take(")")
        return tuple(arguments)

    def _map(self) -> MapOf:
        self._take("{")
        entries = []
        while self._next != "}":
            key = self._taken()
            if not key.startswith('"'):
                raise NotDelugeError(f"{key} is no key")
            self._take(":")
            entries.append((key[1:-1], self._resolved(self._expression())))
            if self._next != "}":
                self._take(",")
        self._take("}")
        return MapOf(tuple(entries))

    def _resolved(self, value: Any) -> Any:
        """What a variable holds, where that is known; a name of Zoho's own stays a name."""
        return self._known.get(value.value, value) if isinstance(value, Name) else value

    @property
    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _taken(self) -> str:
        token = self._next
        self._at += 1
        return token

    def _take(self, expected: str) -> None:
        if (found := self._taken()) != expected:
            raise NotDelugeError(f"{expected!r} expected, {found!r} found")

    def _word(self) -> str:
        word = self._taken()
        if not re.fullmatch(r"[A-Za-z_]\w*", word):
            raise NotDelugeError(f"{word!r} is no name")
        return word


def held(invocation: Invocation, key: str) -> Any:
    """Return what a key of an `invokeurl` holds, with the variables' contents as they were; a body without toString."""
    value = invocation.keys.get(key)
    if isinstance(value, Call) and value.name == "toString" and key == "body":
        value = value.of
    if isinstance(value, Name):
        return invocation.known.get(value.value, value)
    return value


def address(invocation: Invocation) -> tuple[str, dict[str, Any]]:
    """Return the path below the API's address, with {} for each variable part, and the query's parts by name."""
    url = invocation.keys["url"]
    parts = url.parts if isinstance(url, Joined) else (url,)
    if parts[0] != Call("getOrgVariable", Name("zoho.crm"), (Text("santral_api_url"),)):
        raise NotDelugeError("the address does not begin with santral_api_url")
    path, _, query = "".join(part.value if isinstance(part, Text) else "{}" for part in parts[1:]).partition("?")
    return path, dict(part.partition("=")[::2] for part in query.split("&") if part)
