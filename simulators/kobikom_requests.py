"""What a request to Kobikom's PBX may hold: every field in its place, of its type, once."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Literal

from werkzeug.wrappers import Request, Response

from simulators.kobikom_words import Answer, Form, Style

ArrayStyle = Literal["brackets", "comma"]
Given = dict[str, Any]
Read = Callable[[str], object]
FORMS: Mapping[str, Form] = {"xml": "xml", "json": "json"}
RECORD_COLUMNS = (
    "arama_tarihi",
    "arayan_adi",
    "arayan_numara",
    "aranan_numara",
    "kaynak",
    "kanal",
    "ic_kanal",
    "sonislem",
    "sondata",
    "sure",
    "durum",
)


class RefusedError(Exception):
    """The request breaks the document; `message` is what the answer says."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def number(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,20}", text):
        raise ValueError(text)
    return text


def phone_number(text: str) -> str:
    if not 3 <= len(number(text)) <= 15:
        raise ValueError(text)
    return text


def count(text: str) -> int:
    return int(number(text))


def word(text: str) -> str:
    if not text.strip():
        raise ValueError(text)
    return text


def day(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise ValueError(text)
    return date.fromisoformat(text)


def clock_time(text: str) -> time:
    if not re.fullmatch(r"\d\d:\d\d(:\d\d)?", text):
        raise ValueError(text)
    return time.fromisoformat(text)


def flag(text: str) -> bool:
    return {"true": True, "false": False}[text]


def order(text: str) -> str:
    return {"asc": "asc", "desc": "desc"}[text]


def column(text: str) -> str:
    return {name: name for name in RECORD_COLUMNS}[text]


def answer_form(text: str) -> Form:
    return FORMS[text]


@dataclass(frozen=True)
class Module:
    """One module: its method, its fields with what reads each, and what it does."""

    serve: Callable[[Request, Given], Answer | Response]
    required: Mapping[str, Read]
    optional: Mapping[str, Read]
    arrays: frozenset[str] = frozenset()
    method: Literal["GET", "POST"] = "POST"

    @property
    def place(self) -> Literal["query", "body"]:
        return "query" if self.method == "GET" else "body"


def given_in(request: Request, module: Module, array_style: ArrayStyle) -> Given:
    """The module's fields, read. Raises RefusedError for the first that is missing, wrong or out of place."""
    fields = {**module.required, **module.optional}
    names = {name: f"{name}[]" if name in module.arrays and array_style == "brackets" else name for name in fields}
    sent = _sent(request, module, set(names.values()))
    given: Given = {}
    for name, read in fields.items():
        values = sent.get(names[name], [])
        if name in module.arrays and array_style == "comma":
            values = [value for value in ",".join(values).split(",") if value]
        if name in module.required and not values:
            raise RefusedError(f"Eksik parametre: {name}")
        try:
            if name in module.arrays:
                given[name] = [read(value) for value in values]
            elif values:
                given[name] = read(values[0])
        except (ValueError, KeyError):
            raise RefusedError(f"Geçersiz parametre: {name}") from None
    return given


def form_of_answer(request: Request, style: Style) -> Form:
    """XML unless asked for JSON. The list of queues is always in JSON; that of breaks is asked for by `tip`."""
    if request.args.get("module") == "listQueue":
        return "json"
    asked = "tip" if request.args.get("module") == "breakList" else "type"
    return "json" if request.args.get(asked) == "json" and style.answers_in == "as_asked" else "xml"


def _sent(request: Request, module: Module, names: set[str]) -> dict[str, list[str]]:
    """The module's fields as sent, refused where they stand in the wrong place, twice, or are none of the module's."""
    known = {"apikey", "module", "type", *(names if module.place == "query" else ())}
    body = request.get_data()
    if any(name not in known or len(values) > 1 for name, values in request.args.lists()):
        raise RefusedError("Parametreler gövdede gönderilmelidir" if module.place == "body" else "Geçersiz parametre")
    if module.place == "query":
        if body:
            raise RefusedError("Parametreler adreste gönderilmelidir")
        return dict(request.args.lists())
    if body and request.mimetype != "application/x-www-form-urlencoded":
        raise RefusedError("Form verisi bekleniyor")
    sent = dict(request.form.lists())
    for name, values in sent.items():
        if name not in names:
            raise RefusedError(f"Bilinmeyen parametre: {name}")
        if len(values) > 1 and not name.endswith("[]"):
            raise RefusedError(f"Geçersiz parametre: {name}")
    return sent
