"""JSON and XML as Kobikom's document prints them, for where strict reading has failed.

The document writes keyed members into square brackets (`["0": {…}]`), leaves out commas and quotes, ends lists with
dots and opens an element again where it should close it. Who builds a PBX by the document may send the same.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

_DEEPEST = 20
_STRUCTURE = r"(?=\s*(?:[:,}\]\n]|\Z)|\s+[\"“”„‟])"
_TOKEN = re.compile(
    rf"""
      (?P<blank>[\s\ufeff]+|\.{{2,}}|…)
    | (?P<whole>"(?:[^"\\\n]|\\.)*"){_STRUCTURE}
    | ["“”„‟](?P<inside>(?:[^\\\n]|\\.)*?)["“”‟]{_STRUCTURE}
    | (?P<mark>[{{}}\[\]:,])
    | (?P<bare>[^\s"“”„‟{{}}\[\]:,]+(?:[^\S\n]+[^\s"“”„‟{{}}\[\]:,]+)*)
    """,
    re.VERBOSE,
)
_BARE_QUOTE = re.compile(r'(\\.)|"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_WORDS = {"true": True, "false": False, "null": None}

_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)(?:\s[^<>]*?)?(?P<empty>/?)>")
_DECLARATION = re.compile(r"\s*<\?xml[^<>]*\?>")
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)")


class _Token(NamedTuple):
    """A mark of JSON's structure, or a value; `mark` is "end" behind the last one."""

    mark: str
    value: Any = None


class _Tokens:
    """The tokens of a text, with the next one in sight."""

    def __init__(self, text: str) -> None:
        self._rest = _tokens(text)
        self.next = next(self._rest)

    def take(self) -> _Token:
        taken = self.next
        self.next = next(self._rest, taken)
        return taken


def read_json(text: str) -> Any:
    """Return the value a text means, with what the document does wrong put right.

    Raises:
        ValueError: It means nothing we know. Quotes nothing of it.
    """
    tokens = _Tokens(text)
    value = _value(tokens, tokens.take(), depth=0)
    if tokens.next.mark != "end":
        raise ValueError("something follows the value")
    return value


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise ValueError("a quote without its partner")
        position = found.end()
        if found["mark"]:
            yield _Token(found["mark"])
        elif not found["blank"]:
            yield _Token("", _meant(found))
    yield _Token("end")


def _meant(found: re.Match[str]) -> Any:
    if found["bare"]:
        word = found["bare"]
        return int(word) if _NUMBER.fullmatch(word) else _WORDS.get(word, word)
    quoted = found["whole"]
    if quoted is None:
        quoted = '"' + _BARE_QUOTE.sub(lambda quote: quote[1] or '\\"', found["inside"]) + '"'
    return json.loads(quoted, strict=False)


def _value(tokens: _Tokens, token: _Token, *, depth: int) -> Any:
    if depth > _DEEPEST:
        raise ValueError("nested too deep")
    if not token.mark:
        return token.value
    if token.mark == "{":
        members = list(_members(tokens, "}", depth=depth))
        if any(name is None for name, _ in members):
            raise ValueError("a value without a name")
        return dict(members)
    if token.mark == "[":
        members = list(_members(tokens, "]", depth=depth))
        keyed = bool(members) and all(name is not None for name, _ in members)
        return dict(members) if keyed else [value for _, value in members]
    raise ValueError("a mark out of place")


def _members(tokens: _Tokens, closing: str, *, depth: int) -> Iterator[tuple[str | None, Any]]:
    while (token := tokens.take()).mark != closing:
        if token.mark == ",":
            continue
        name, value = None, _value(tokens, token, depth=depth + 1)
        if tokens.next.mark == ":":
            tokens.take()
            name, value = str(value), _value(tokens, tokens.take(), depth=depth + 1)
        yield name, value


def well_formed(text: str) -> str:
    """Return XML with every element closed: one that is opened within itself ends where it is opened again.

    Raises:
        ValueError: There is more in it than elements and text. Quotes nothing of it.
    """
    declaration = _DECLARATION.match(text)
    position = declaration.end() if declaration else 0
    written: list[str] = []
    opened: list[str] = []
    for tag in _TAG.finditer(text, position):
        written.append(_escaped(text[position : tag.start()]))
        position = tag.end()
        written.extend(_closings(opened, tag))
        if not tag["close"]:
            written.append(f"<{tag['name']}>")
            opened.append(tag["name"])
        # What closes and claims to be empty as well has closed already.
        if tag["empty"] and not tag["close"]:
            written.append(f"</{opened.pop()}>")
        if len(opened) > _DEEPEST:
            raise ValueError("nested too deep")
    written.append(_escaped(text[position:]))
    written.extend(f"</{name}>" for name in reversed(opened))
    return "".join(written)


def _closings(opened: list[str], tag: re.Match[str]) -> Iterator[str]:
    """Yield what a tag closes: itself, and all that was left open within it."""
    name = tag["name"]
    closes = name in opened if tag["close"] else opened[-1:] == [name]
    while closes:
        last = opened.pop()
        yield f"</{last}>"
        closes = last != name


def _escaped(text: str) -> str:
    if "<" in text:
        raise ValueError("neither an element nor text")
    return _BARE_AMPERSAND.sub("&amp;", text)
