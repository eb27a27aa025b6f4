import json

import pytest

import functions.workers.record_event as module
from tests.fakes.doors import Context, sample


def batch(*bodies, groups=None):
    [record] = sample("workers/record_event")["Records"]
    records = []
    for number, body in enumerate(bodies):
        group = groups[number] if groups else "group"
        attributes = {**record["attributes"], "MessageGroupId": group}
        records.append({**record, "messageId": f"m{number}", "body": json.dumps(body), "attributes": attributes})
    return {"Records": records}


@pytest.fixture
def recorded(tenant, monkeypatch):
    seen = []

    def fold(_tenant, event):
        if event.extension == "666":
            raise ConnectionError("table is away")
        seen.append(event.call_id)

    monkeypatch.setattr(module, "fold", fold)
    return seen


def event(number, **more):
    return {
        "v": 1,
        "kind": "call",
        "call_id": f"virtualats:{number}",
        "provider": "virtualats",
        "state": "ended",
        **more,
    }


def test_the_sample_is_recorded(recorded):
    answer = module.handler(sample("workers/record_event"), Context())

    assert answer == {"batchItemFailures": []}
    assert recorded == ["virtualats:3489655c982f4e46b9c9ca975b031781"]


def test_a_failure_sends_back_its_own_group_only(recorded):
    answer = module.handler(
        batch(event(1), event(2, extension="666"), event(3), event(2), groups=["a", "b", "a", "b"]), Context()
    )

    assert recorded == ["virtualats:1", "virtualats:3"]
    assert [item["itemIdentifier"] for item in answer["batchItemFailures"]] == ["m1", "m3"]


def test_when_all_fail_all_go_back_without_an_exception(recorded):
    answer = module.handler(batch(event(1, extension="666")), Context())

    assert [item["itemIdentifier"] for item in answer["batchItemFailures"]] == ["m0"]


def test_a_newer_writers_extra_fields_are_ignored(recorded):
    module.handler(batch(event(1, mood="good")), Context())

    assert recorded == ["virtualats:1"]


def test_messages_and_results_of_campaigns_come_the_same_way(tenant):
    for name in ("message", "campaign_result"):
        assert module.handler(sample(f"workers/record_event_{name}"), Context()) == {"batchItemFailures": []}

    assert tenant.messages.get("wapcrm:wamid.1").text == "Merhaba"
    assert [result.digit for result in tenant.campaigns.results_of("verimor:131")] == ["2"]


def test_what_was_queued_before_there_were_kinds_is_a_call(recorded):
    told = event(1)
    del told["kind"]
    module.handler(batch(told), Context())

    assert recorded == ["virtualats:1"]


def test_a_kind_of_a_newer_writer_goes_back_and_holds_up_nobody_else(recorded):
    answer = module.handler(batch({**event(1), "kind": "fax"}, event(2), groups=["a", "b"]), Context())

    assert recorded == ["virtualats:2"]
    assert [item["itemIdentifier"] for item in answer["batchItemFailures"]] == ["m0"]
