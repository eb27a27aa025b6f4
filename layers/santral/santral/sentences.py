"""What a person is told: an English sentence that can also be said in Turkish and Azerbaijani.

The English sentence, its fields unfilled, is the key of the catalogue in `locale/`; `make messages` keeps that in step
with the code. Logs, tests and developers see English, since that is what a sentence is as a text.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

if TYPE_CHECKING:
    from gettext import NullTranslations

Language = Literal["tr", "az", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_DOMAIN = "santral"
_MSGID = "msgid"
_LOCALE = Path(__file__).with_name("locale")
_PREFERENCE = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?")
_LONGEST_HEADER = 1000


class Sentence(str):
    """A sentence, in English. Fields that are sentences are translated with it; all others are data."""

    __slots__ = ("fields", "msgid")

    msgid: str
    fields: Mapping[str, Any]

    def __new__(cls, msgid: str, fields: Mapping[str, Any]) -> Self:
        """Fill the fields into the English text."""
        sentence = super().__new__(cls, _filled(msgid, fields))
        sentence.msgid = msgid
        sentence.fields = fields
        return sentence

    def in_language(self, language: Language) -> str:
        """Return the sentence in a language."""
        if language == "en":
            return str(self)
        return _filled(_catalogue(language).gettext(self.msgid), told(self.fields, language))


def say(msgid: str, /, **fields: Any) -> Sentence:
    """Return a sentence, e.g. `say("{provider} cannot do that.", provider=name)`. The text stands here as a literal."""
    return Sentence(msgid, fields)


def noted(msgid: str, /) -> str:
    """Return a text as it is, noted for the catalogue: it is put into a `Sentence` somewhere else."""
    return msgid


def told(value: Any, language: Language) -> Any:
    """Return JSON-like data with the sentences in it told in a language."""
    if isinstance(value, Sentence):
        return value.in_language(language)
    if isinstance(value, Mapping):
        return {name: told(part, language) for name, part in value.items()}
    return [told(part, language) for part in value] if isinstance(value, list) else value


def in_every_language(sentence: Sentence) -> frozenset[str]:
    """Return a sentence in all our languages, to find what was written in any of them."""
    return frozenset(sentence.in_language(language) for language in LANGUAGES)


def dumps(value: Any) -> str:
    """Return data as JSON, from which `loads` makes it again with its sentences in all their languages."""
    return json.dumps(_kept(value), ensure_ascii=False)


def loads(text: str) -> Any:
    """Return the data of which `dumps` made a JSON."""
    return json.loads(text, object_hook=_again)


def language_of(text: object) -> Language | None:
    """Return a text as one of our languages, or None when it is none."""
    return next((language for language in LANGUAGES if language == text), None)


def asked_language(accept_language: str) -> Language | None:
    """Return which of our languages an Accept-Language header likes best, or None. What cannot be read is ignored."""
    liked: list[tuple[float, Language]] = []
    for part in accept_language[:_LONGEST_HEADER].split(","):
        found = _PREFERENCE.fullmatch(part)
        language = language_of(found[1].lower()) if found else None
        quality = float((found and found[2]) or 1)
        if language and quality > 0:
            liked.append((quality, language))
    # Of equals, the first one named.
    return max(liked, key=lambda each: each[0])[1] if liked else None


def _kept(value: Any) -> Any:
    if isinstance(value, Sentence):
        return {_MSGID: value.msgid, "fields": _kept(value.fields)}
    if isinstance(value, Mapping):
        return {name: _kept(part) for name, part in value.items()}
    return [_kept(part) for part in value] if isinstance(value, list) else value


def _again(kept: dict[str, Any]) -> Any:
    return Sentence(kept[_MSGID], kept["fields"]) if _MSGID in kept else kept


def _filled(text: str, fields: Mapping[str, Any]) -> str:
    return text.format_map(fields) if fields else text


@cache
def _catalogue(language: Language) -> "NullTranslations":
    # Most requests tell no sentence, and so pay nothing for it.
    from gettext import translation  # noqa: PLC0415

    return translation(_DOMAIN, _LOCALE, [language])
