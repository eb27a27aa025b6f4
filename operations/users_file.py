"""The file users are imported from: CSV with a header, as a spreadsheet saves it."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from santral.phone import EXTENSION_PATTERN
from santral.store.directory import User

PROVIDERS = ("virtualats", "kobikom", "verimor")
_EMAIL = "email"
_LONGEST = 254
# What a cell holds, and how that is said to who typed something else.
_FORMS = {
    _EMAIL: (r"[^@\s]+@[^@\s]+\.[^@\s]+", "is not an e-mail address"),
    **dict.fromkeys(PROVIDERS, (EXTENSION_PATTERN, "is not an extension: two to six digits, several with a space")),
    "agent_number": (r"[0-9]{1,10}", "is not an agent number: at most ten digits"),
    "zoho_user_id": (
        r"[0-9]{5,20}",
        "is not a Zoho user id: digits alone; a spreadsheet keeps them all in a text cell",
    ),
    "wapcrm_user": (r"\S+", "is not a WapCRM user: an e-mail address"),
    "language": (r"tr|az|en", "is not a language: tr, az or en"),
}
COLUMNS = tuple(_FORMS)


@dataclass(frozen=True)
class Line:
    """What one line tells of a user. What the file has no column for it leaves as it is."""

    number: int
    email: str
    told: Mapping[str, str]

    def on(self, before: User | None) -> User:
        """Return the user as they are after this line. An empty cell takes away what was there."""
        user = before or User(email=self.email)
        extensions = {name: tuple(self.told[name].split()) for name in PROVIDERS if name in self.told}
        changed: dict[str, Any] = {
            name: text or None for name, text in self.told.items() if name not in (_EMAIL, *PROVIDERS)
        }
        changed["extensions"] = {name: some for name, some in {**user.extensions, **extensions}.items() if some}
        return user.model_copy(update=changed)


class UnusableFileError(Exception):
    """The file cannot be imported. `problems` are sentences, each with its line."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def read(content: bytes) -> list[Line]:
    """Return the lines of a file, in its order.

    Raises:
        UnusableFileError: With everything that is wrong in it.
    """
    try:
        # Spreadsheets begin UTF-8 with a mark.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnusableFileError(["The file is not UTF-8. Save it as “CSV UTF-8”."]) from None
    try:
        return _lines(_rows(text))
    except csv.Error as error:
        raise UnusableFileError([f"The file is no CSV: {error}."]) from None


def _lines(rows: Iterator[tuple[int, list[str]]]) -> list[Line]:
    header = [name.strip().lower() for name in next(rows, (0, []))[1]]
    if problems := list(_wrong_with_header(header)):
        raise UnusableFileError(problems)
    lines: list[Line] = []
    for number, cells in rows:
        told = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        if len(cells) != len(header):
            problems.append(f"line {number}: has {len(cells)} cells, the header {len(header)}")
        elif wrong := list(_wrong_with_cells(told)):
            problems += [f"line {number}, {name}: {said}" for name, said in wrong]
        else:
            lines.append(Line(number, told[_EMAIL].lower(), told))
    problems += _told_twice(lines)
    if problems:
        raise UnusableFileError(problems)
    return lines


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield rows that are not empty, each with the number of its last line in the file."""
    # Where the comma separates decimals, spreadsheets separate cells with semicolons.
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return ((reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells))


def _wrong_with_header(header: Sequence[str]) -> Iterator[str]:
    known = ", ".join(COLUMNS)
    yield from (f"line 1: there is no column “{name}”; known are {known}" for name in header if name not in _FORMS)
    yield from (f"line 1: the column {name} is there twice" for name in sorted(set(header)) if header.count(name) > 1)
    if _EMAIL not in header:
        yield f"line 1: the column {_EMAIL} is missing; known are {known}"


def _wrong_with_cells(told: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, text in told.items():
        form, said = _FORMS[name]
        parts = text.split() if name in PROVIDERS else [text] * bool(text or name == _EMAIL)
        yield from ((name, f"“{part}” {said}") for part in parts if not _fits(form, part))
        if len(set(parts)) < len(parts):
            yield name, "an extension is there twice"


def _fits(form: str, text: str) -> bool:
    return len(text) <= _LONGEST and re.fullmatch(form, text) is not None


def _told_twice(lines: Sequence[Line]) -> Iterator[str]:
    first: dict[tuple[str, str], int] = {}
    for line in lines:
        user = line.on(None)
        for name, value in ((_EMAIL, line.email), *user.lines()):
            if (name, value) in first:
                yield f"line {line.number}, {name}: “{value}” is on line {first[name, value]} already"
            first.setdefault((name, value), line.number)
