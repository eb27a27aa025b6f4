import pytest

from santral.sentences import (
    LANGUAGES,
    Sentence,
    asked_language,
    dumps,
    in_every_language,
    language_of,
    loads,
    say,
    told,
)

EXPIRED = say("This link has expired.")
REFUSED = say(
    "{provider} does not support this ({ability}). These do: {able}.",
    provider="verimor",
    ability=say("breaks"),
    able="kobikom",
)


def test_a_sentence_is_its_english_text():
    assert REFUSED == "verimor does not support this (breaks). These do: kobikom."
    assert REFUSED.in_language("en") == str(REFUSED)
    assert type(REFUSED.in_language("en")) is str


def test_it_is_told_in_each_language():
    assert EXPIRED.in_language("tr") == "Bu bağlantının süresi doldu."
    assert EXPIRED.in_language("az") == "Bu keçidin müddəti bitib."


def test_a_sentence_within_a_sentence_is_translated_and_data_is_not():
    assert REFUSED.in_language("tr") == "verimor bunu desteklemiyor (molalar). Destekleyenler: kobikom."
    data = say("Recording: {address}", address="breaks")
    assert data.in_language("tr") == "Ses kaydı: breaks"


def test_a_field_may_look_like_a_place_for_another():
    hostile = "{provider} %s {0} {"

    assert say("File: {name}", name=hostile).in_language("tr") == f"Dosya: {hostile}"


def test_a_text_without_fields_may_hold_braces():
    assert say("{").in_language("tr") == "{"


def test_what_is_in_no_catalogue_is_told_in_english():
    assert say("Nobody translated this.").in_language("az") == "Nobody translated this."


def test_data_is_told_with_all_the_sentences_in_it():
    data = {"detail": EXPIRED, "errors": [{"field": "to", "message": EXPIRED}], "status": 410, "none": None}

    assert told(data, "tr") == {
        "detail": "Bu bağlantının süresi doldu.",
        "errors": [{"field": "to", "message": "Bu bağlantının süresi doldu."}],
        "status": 410,
        "none": None,
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_kept_as_json_can_still_be_told_in_any_language(language):
    data = {"detail": REFUSED, "errors": [{"field": "to", "message": EXPIRED}], "status": 422, "fields": "a text"}

    assert told(loads(dumps(data)), language) == told(data, language)


def test_what_was_kept_before_sentences_knew_their_languages_is_read_as_it_is():
    assert loads('{"detail": "This link has expired."}') == {"detail": "This link has expired."}


def test_what_was_written_in_any_language_can_be_looked_for():
    assert in_every_language(Sentence("Queue: {text}", {"text": "200"})) == {"Queue: 200", "Kuyruk: 200", "Növbə: 200"}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("tr", "tr"),
        ("az-Latn-AZ", "az"),
        ("EN-us", "en"),
        ("de-DE,de;q=0.9,tr;q=0.8,en;q=0.7", "tr"),
        ("en;q=0.2, az;q=0.9", "az"),
        ("az,tr", "az"),
        ("tr;q=0,az;q=0.1", "az"),
        ("tr; q=0.5 , en ;q=1.0", "en"),
        ("tr;q=0", None),
        ("de, *;q=0.5", None),
        ("", None),
        (",;q=,tr=1;;", None),
        ("tr;q=2", None),
        ("tr;q=0.1234", None),
        ("turkish", None),
        ("\uff54r", None),
        ("tr;level=1, en", "en"),
        ("x" * 5000 + ",tr", None),
        ("tr" + ",a" * 100_000, "tr"),
    ],
)
def test_the_language_liked_best_of_ours_is_told_and_what_cannot_be_read_is_ignored(header, language):
    assert asked_language(header) == language


def test_only_our_languages_are_languages():
    assert [language_of(text) for text in ("tr", "de", "", None, 7)] == ["tr", None, None, None, None]
