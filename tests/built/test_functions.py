import json
import time

import pytest

from sandbox.runtime import Answer
from santral.telephony.permalinks import call_handle
from simulators.virtualats_exchange import CallScript
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


def test_the_built_archiver_makes_an_mp3_of_what_no_browser_plays(built_sandbox):
    pbx = built_sandbox.simulators["virtualats"]
    pbx.use_script(CallScript(ring_after=0.05, ring_seconds=0.2, talk_seconds=2, recording_form="wav49"))
    call_id = f"virtualats:{pbx.place_inbound_call(extension='101')}"
    s3, key = built_sandbox.root.s3, f"recordings/playable/{call_handle(call_id)}.mp3"
    deadline = time.monotonic() + 30
    while not (found := s3.list_objects_v2(Bucket=built_sandbox.ready["bucket"], Prefix=key).get("Contents", [])):
        assert time.monotonic() < deadline, built_sandbox.log("ArchiveRecording")
        time.sleep(0.2)

    assert found[0]["Size"] > 1000
