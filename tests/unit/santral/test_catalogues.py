"""Everything a person may be told is in both catalogues, and nothing else is."""

import ast
import importlib
import io
import pkgutil
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import santral
from santral.errors import NotUnderstood, OutsideFailure, RequestRefused, SantralError
from santral.sentences import LANGUAGES, Sentence

PACKAGE = Path(santral.__file__).parent
TRANSLATED = [language for language in LANGUAGES if language != "en"]


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for file in sorted(PACKAGE.rglob("*.py")):
        yield file.relative_to(PACKAGE), ast.parse(file.read_text(encoding="utf-8"))


SOURCES = list(sources())


def calls(*names):
    """Every call of a function by one of these names, with where it stands."""
    for file, tree in SOURCES:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield f"{file}:{node.lineno}", node


def text_of(node):
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def places(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def catalogue(language):
    file = PACKAGE / "locale" / language / "LC_MESSAGES" / "santral.po"
    return read_po(io.BytesIO(file.read_bytes()), abort_invalid=True)


def messages(language):
    return {message.id: message for message in catalogue(language) if message.id}


SAID = {text for _, call in calls("say", "noted") if (text := text_of(call.args[0]))}


def test_there_are_sentences_to_hold():
    assert len(SAID) > 200


def test_each_text_stands_as_a_literal_where_it_is_said():
    assert [place for place, call in calls("say", "noted") if text_of(call.args[0]) is None] == []


def test_each_sentence_is_given_just_the_fields_its_text_has():
    for place, call in calls("say"):
        given = {keyword.arg for keyword in call.keywords}
        assert given == places(text_of(call.args[0])), place


def test_a_sentence_made_elsewhere_is_made_of_a_noted_text():
    """`Sentence(..)` itself takes no literal, and nothing put together."""
    for place, call in calls("Sentence"):
        assert isinstance(call.args[0], ast.Name | ast.Subscript | ast.Attribute), place


def test_nothing_but_a_sentence_is_said_of_an_error_a_field_or_a_part():
    texts = (ast.Constant, ast.JoinedStr, ast.BinOp)
    told = [
        (place, keyword.value)
        for place, call in every_call()
        for keyword in call.keywords
        if keyword.arg in ("sentence", "fix")
    ]
    told += [(place, call.args[1]) for place, call in calls("FieldError")]
    told += [(place, call.args[0]) for place, call in calls("Finding", "warning", "failed")]

    assert len(told) > 80
    assert [place for place, said in told if isinstance(said, texts) and getattr(said, "value", "") is not None] == []


def every_call():
    for file, tree in SOURCES:
        yield from ((f"{file}:{node.lineno}", node) for node in ast.walk(tree) if isinstance(node, ast.Call))


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogue_holds_what_is_said_and_nothing_else(language):
    """After a change: `make messages`, then translate what is empty in the .po file, then `make messages` again."""
    held = messages(language).keys()

    assert (SAID - held, held - SAID) == (set(), set())


@pytest.mark.parametrize("language", TRANSLATED)
def test_each_sentence_is_translated_with_all_its_fields(language):
    for text, message in messages(language).items():
        assert message.string, text
        assert not message.fuzzy, text
        assert places(message.string) == places(text), text


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_ends_as_its_sentence_does_and_quotes_the_same_names(language):
    for text, message in messages(language).items():
        assert message.string.endswith(".") == text.endswith("."), text
        assert message.string.strip() == message.string, text
        quoted, original = (sorted(each.split("`")[1::2]) for each in (message.string, text))
        assert quoted == original, text


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_compiled_catalogue_is_that_of_the_readable_one(language):
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))

    assert (PACKAGE / "locale" / language / "LC_MESSAGES" / "santral.mo").read_bytes() == compiled.getvalue()


def everything_that_can_go_wrong():
    for module in pkgutil.walk_packages(santral.__path__, "santral."):
        importlib.import_module(module.name)
    found, below = [], [SantralError]
    while below:
        found.append(below.pop())
        below += found[-1].__subclasses__()
    abstract = (RequestRefused, OutsideFailure, NotUnderstood)
    return [error for error in found if error.__module__.startswith("santral.") and error not in abstract]


@pytest.mark.parametrize("error", everything_that_can_go_wrong())
def test_every_error_is_told_in_three_languages(error):
    assert isinstance(error.sentence, Sentence)
    assert len({error.sentence.in_language(language) for language in LANGUAGES}) == len(LANGUAGES)
