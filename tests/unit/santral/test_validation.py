import importlib
import inspect
import typing
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from santral.api import HttpAction
from santral.input import Input
from santral.messaging.sending import MessageRequest
from santral.sentences import Sentence
from santral.telephony.campaigns import CampaignRequest, SwitchRequest
from santral.telephony.dialling import DialRequest
from santral.validation import SENTENCES, field_errors

ROOT = Path(__file__).parents[3]
MODULES = [
    importlib.import_module(f"functions.{file.parent.name}.{file.stem}")
    for file in sorted((ROOT / "functions").glob("*/*.py"))
]
INPUTS = {
    module.handler.input: module.__name__
    for module in MODULES
    if isinstance(getattr(module, "handler", None), HttpAction)
}
# Whatever JSON can hold, each kind in the forms that some field may stumble over.
WRONG = [
    None, True, 7, 10**9, -(10**9), 10**5000, 1.5, float("nan"), "", "x", "x" * 5000, "\ud800", "0x", "1.5", "9" * 5000,
    "2026-01-15", "2026-01-15T09:30:00", "2026-01-15T09:30:00+03:00", "2026-13-45T09:30:00Z", "25:61", [], ["x"] * 6000,
    {}, {str(number): "x" for number in range(20)},
]  # fmt: skip


def models_in(annotation):
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for part in typing.get_args(annotation):
        yield from models_in(part)


def wrong_fields(model):
    yield {"no such field": 1}
    for name, field in model.model_fields.items():
        key = field.alias or name
        for value in WRONG:
            yield from ({key: value}, {key: [value]}, {key: {"x": value}})
        for inner in models_in(field.annotation):
            for part in wrong_fields(inner):
                yield from ({key: part}, {key: [part]})


def refusal(model, fields):
    try:
        model.model_validate(fields)
    except ValidationError as error:
        return error
    return None


@pytest.fixture(scope="module")
def refusals():
    return [error for model in INPUTS for fields in wrong_fields(model) if (error := refusal(model, fields))]


def told(model, **fields):
    return {error.field: error.message for error in field_errors(refusal(model, fields))}


def test_there_is_a_sentence_for_everything_an_action_may_find_wrong_and_for_nothing_else(refusals):
    found = {problem["type"] for error in refusals for problem in error.errors()}

    assert found - {"value_error"} == SENTENCES.keys()


def test_each_sentence_gets_all_its_fields_and_is_none_of_pydantics(refusals):
    for error in refusals:
        theirs = {problem["msg"] for problem in error.errors()}
        for wrong in field_errors(error):
            assert isinstance(wrong.message, Sentence)
            assert wrong.message not in theirs
            assert wrong.message.in_language("tr") != wrong.message.in_language("az") != wrong.message


def test_what_we_refuse_ourselves_is_told_in_our_words():
    assert told(MessageRequest, to="0532", account_id="7", text="x") == {"request": "give either `to` or `account_id`"}


def test_the_sentence_tells_the_bounds_and_the_choices():
    assert told(DialRequest, to="x" * 65) == {"to": "must not be longer than 64 characters"}
    assert told(SwitchRequest, campaign_id="kobikom:1", status="open") == {"status": "must be one of on, off"}
    assert told(CampaignRequest, kind="radio")["kind"] == "must be one of ivr, queue"


def test_a_field_in_a_list_is_named_by_its_place():
    contacts = [{"phone": "05321234567"}, {"phone": "0"}]

    assert told(CampaignRequest, name="x", kind="ivr", contacts=contacts) == {
        "contacts.1.phone": "must have at least 2 characters"
    }


def test_what_pydantic_may_find_one_day_is_told_without_its_words():
    class Elsewhere(Input):
        address: typing.Annotated[bytes, "no action takes bytes"]

    assert told(Elsewhere, address=7) == {"address": "is not right"}
