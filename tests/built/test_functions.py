import json

import pytest

from sandbox.runtime import Answer
from tests.template.stack import ROOT, written_template

FUNCTIONS = {
    name: tuple(it["Properties"]["Handler"].split(".")[1:3])
    for name, it in written_template()["Resources"].items()
    if it["Type"] == "AWS::Serverless::Function"
}
# A recording is fetched for a call that is known.
FIRST = {"ArchiveRecording": ("RecordEvent", ROOT / "events" / "workers" / "record_event.json")}
SAMPLES = [
    pytest.param(function, sample, id=str(sample.relative_to(ROOT)))
    for function, (area, action) in FUNCTIONS.items()
    for sample in sorted((ROOT / "events" / area).glob(f"{action}*.json"))
    if not sample.name.endswith(".body.json")
]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_artefact_holds_its_area_and_nothing_else(build, function):
    area, action = FUNCTIONS[function]
    held = {str(file.relative_to(build / function)) for file in (build / function).rglob("*") if file.is_file()}

    assert held == {f"functions/{area}/{file.name}" for file in (ROOT / "functions" / area).glob("*.py")}
    assert f"functions/{area}/{action}.py" in held


@pytest.mark.parametrize(("function", "sample"), SAMPLES)
def test_a_built_function_answers_its_sample_event(built_sandbox, function, sample):
    if function in FIRST:
        earlier, its_sample = FIRST[function]
        built_sandbox.invoke(earlier, json.loads(its_sample.read_text(encoding="utf-8")))
    event = json.loads(sample.read_text(encoding="utf-8"))

    outcome = built_sandbox.invoke(function, event)

    assert isinstance(outcome, Answer), (outcome, built_sandbox.log(function))
    answer = outcome.json()
    if "routeKey" in event and function != "Authorizer":
        assert answer["statusCode"] < 500, (answer, built_sandbox.log(function))
    if "Records" in event:
        assert answer == {"batchItemFailures": []}, built_sandbox.log(function)
