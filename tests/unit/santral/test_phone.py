import pytest

from santral.crm.spellings import spellings
from santral.phone import anywhere, dialled_from, is_extension, national, notations, to_e164


@pytest.mark.parametrize(
    "written",
    [
        "0532 123 45 67",
        "5321234567",
        "905321234567",
        "+905321234567",
        "00905321234567",
        "+90 0532 123 45 67",
        "90 0 532 123 45 67",
        "(0532) 123-45-67",
        "\u200e+90 532 123 45 67",
        "٠٥٣٢١٢٣٤٥٦٧",
        " 0532.123.45.67 ",
        "05321234567;ext=12",
    ],
)
def test_every_way_of_writing_a_turkish_number_is_the_same_number(written):
    assert to_e164(written, "TR") == "+905321234567"


@pytest.mark.parametrize(
    ("number", "country", "digits"),
    [
        ("+905321234567", "TR", "05321234567"),
        ("+904441234", "TR", "4441234"),
        ("+442071838750", "TR", "00442071838750"),
        ("+994557967473", "TR", "00994557967473"),
        ("+994557967473", "AZ", "0557967473"),
    ],
)
def test_a_telephone_dials_what_people_there_dial(number, country, digits):
    assert dialled_from(number, country) == digits


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("444 1234", "TR", "+904441234"),
        ("0850 490 02 90", "TR", "+908504900290"),
        ("442071838750", "TR", "+442071838750"),
        ("994557967473", "TR", "+994557967473"),
        ("0124886606", "AZ", "+994124886606"),
        ("994124886606", "AZ", "+994124886606"),
        ("905321234567", "AZ", "+905321234567"),
    ],
)
def test_the_tenants_country_comes_first_then_international_without_plus(written, country, number):
    assert to_e164(written, country) == number


@pytest.mark.parametrize(
    "text",
    [
        "155",
        "112",
        "1001",
        "100",
        "123456",
        "",
        "+",
        "0",
        "anonymous",
        "unknown",
        "sip:100@pbx",
        "0532 123 45 6",
        "+90",
    ],
)
def test_extensions_short_codes_and_words_are_no_numbers(text):
    assert to_e164(text, "TR") is None


@pytest.mark.parametrize(
    ("text", "answer"), [("10", True), ("123456", True), ("1", False), ("1234567", False), ("\u0661\u0660", False)]
)
def test_an_extension_has_two_to_six_plain_digits(text, answer):
    assert is_extension(text) is answer


def test_notations_hold_each_way_once_and_national_ones_only_at_home():
    home = notations("+905321234567", "TR")
    abroad = notations("+994557967473", "TR")

    assert {"+905321234567", "905321234567", "05321234567", "5321234567", "0532 123 45 67"} <= set(home)
    assert len(home) == len(set(home))
    assert "0557967473" not in abroad


def test_national_digits_carry_no_country_code():
    assert national("+905321234567") == "5321234567"


@pytest.mark.parametrize(
    "text",
    [
        "+905321234567",
        "905321234567",
        "00905321234567",
        "05321234567",
        "5321234567",
        "0532 123 45 67",
        "(0532) 123-45-67",
        "+90 (532) 123 45 67",
        "+90 (0)532 123 45 67",
        '{"source":"905321234567"}',
        "Elif <+905321234567>, her second number",
        "tel:+90-532-123-45-67",
        "0532.123.45.67",
    ],
)
def test_a_number_is_found_however_it_is_written(text):
    assert anywhere("+905321234567").search(text)


@pytest.mark.parametrize(
    "text",
    ["905321234568", "15321234567", "1905321234567", "53212345671", "1768469400532123456789", "532123456", ""],
)
def test_a_number_is_not_found_in_another_one(text):
    assert not anywhere("+905321234567").search(text)


@pytest.mark.parametrize("number", ["+905321234567", "+902121112233", "+994557967473", "+442071838750", "+12125550123"])
def test_every_spelling_we_look_for_in_the_crm_is_found(number):
    for spelling in spellings(number, "TR"):
        assert anywhere(number).search(spelling), spelling
