import pytest

from operations.parameters import PAGE, page, parameters
from tests.template.stack import written_template


def test_they_are_the_templates_in_its_order():
    assert list(parameters()) == list(written_template()["Parameters"])


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"


@pytest.mark.parametrize("name", parameters())
def test_each_takes_its_own_default_and_tells_in_a_sentence_what_else_it_takes(name):
    parameter = parameters()[name]

    assert parameter.default is None or parameter.problem(parameter.default) is None
    if parameter.choices or parameter.pattern or parameter.kind == "Number":
        wrong = parameter.problem("no such thing\n")
        assert wrong
        assert wrong.startswith(name)
        assert wrong.endswith(".")
        assert "no such thing" not in wrong


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("Country", "XX", "Country is one of TR, AZ."),
        ("MemorySize", "255", "MemorySize is 256 to 3008."),
        ("MemorySize", "3009", "MemorySize is 256 to 3008."),
        ("MemorySize", "1e3", "MemorySize is 256 to 3008."),
        ("MemorySize", "256", None),
        ("AlarmEmail", "a@b", "AlarmEmail is empty or one e-mail address."),
        ("WidgetOrigins", "https://crm.zoho.eu/", "WidgetOrigins is empty or origins such as "),
        ("WidgetOrigins", "https://crm.zoho.eu,https://crm.zoho.com", None),
        ("PublicDomain", "Calls.example.com", "PublicDomain is empty or a domain name in lower case "),
    ],
)
def test_limits_are_those_of_the_template(name, value, sentence):
    problem = parameters()[name].problem(value)

    assert problem is None if sentence is None else problem.startswith(sentence)
