"""The API's description is what template, models and errors say, and says it in valid OpenAPI."""

import json
from functools import cache

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from sandbox.actions import TEMPLATE, actions, whole_template
from sandbox.openapi import FILE, document, written
from sandbox.template import Template


@cache
def template():
    return whole_template()


@cache
def description():
    return document(template())


def operations():
    for path, methods in description()["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def resolved(part):
    if "$ref" not in part:
        return part
    found = description()
    for step in part["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


def parameters(operation, place):
    return {it["name"]: it for it in map(resolved, operation["parameters"]) if it["in"] == place}


def by_id(operation_id):
    return next(operation for _, operation in operations() if operation["operationId"] == operation_id)


def codes(operation, status):
    content = resolved(operation["responses"][str(status)])["content"]
    return content["application/problem+json"]["schema"]["properties"]["code"]["enum"]


def test_what_is_checked_in_is_what_the_code_says():
    assert FILE.read_text(encoding="utf-8") == written(description()), "run: make docs"


def test_it_is_valid_openapi():
    OpenAPIV31SpecValidator(description()).validate()


def test_every_route_of_the_template_is_described_once():
    assert sorted(key for key, _ in operations()) == sorted(route.key for route in template().http_api.routes)


def test_a_provider_the_tenant_has_not_posts_nowhere():
    paths = document(Template(TEMPLATE, {"tenant": "sandbox", "with_virtual_ats": True}))["paths"]

    assert [path for path in paths if path.startswith("/webhooks/")] == ["/webhooks/virtualats/{token}"]


@pytest.mark.parametrize("action", actions(whole_template()), ids=lambda action: action.route.key)
def test_a_function_names_its_route_in_its_docstring(action):
    assert action.documented_route == action.route.key


@pytest.mark.parametrize("action", actions(whole_template()), ids=lambda action: action.route.key)
def test_every_route_has_a_sample_event(action):
    assert action.samples


def test_operations_are_named_by_area_and_action():
    names = [operation["operationId"] for _, operation in operations()]

    assert {"calls_dial", "queues_list_agents", "tenant_status"} <= set(names)
    assert len(set(names)) == len(names)


def test_the_path_wins_over_the_body():
    operation = by_id("calls_hang_up")

    assert list(parameters(operation, "path")) == ["call_id"]
    assert list(operation["requestBody"]["content"]["application/json"]["schema"]["properties"]) == ["extension"]


def test_a_route_without_a_body_is_asked_in_the_query():
    operation = by_id("agents_end_break")

    assert (list(parameters(operation, "path")), list(parameters(operation, "query"))) == (["agent"], ["provider"])
    assert "requestBody" not in operation


def test_a_query_cannot_be_null():
    assert parameters(by_id("calls_list_calls"), "query")["provider"]["schema"] == {"type": "string"}


def test_an_optional_body_may_be_left_out():
    assert by_id("calls_hang_up")["requestBody"]["required"] is False
    assert by_id("calls_dial")["requestBody"]["required"] is True


def test_only_what_happens_at_most_once_takes_an_idempotency_key():
    assert "Idempotency-Key" in parameters(by_id("messages_send"), "header")
    assert "Idempotency-Key" not in parameters(by_id("calls_mute"), "header")
    assert codes(by_id("messages_send"), 409) == ["in_progress"]


def test_administrators_may_do_what_agents_may_and_not_the_other_way_round():
    assert by_id("calls_dial")["security"] == [{"agent": []}, {"admin": []}]
    assert by_id("queues_create_queue")["security"] == [{"admin": []}]
    assert by_id("calls_open_recording")["security"] == by_id("webhooks_wapcrm")["security"] == []
    assert codes(by_id("queues_create_queue"), 403) == ["not_allowed"]


def test_a_route_tells_its_own_refusals_and_those_of_providers_where_it_asks_one():
    assert codes(by_id("calls_get_recording"), 410) == ["erased"]
    assert "unreachable" in codes(by_id("calls_dial"), 503)
    assert "unreachable" not in codes(by_id("calls_get_call"), 503)


def test_sample_events_are_the_examples():
    examples = by_id("messages_send")["requestBody"]["content"]["application/json"]["examples"]

    assert examples["send"]["value"]["text"] == "Merhaba, teklifiniz hazır."
    assert parameters(by_id("calls_list_calls"), "query")["limit"]["examples"]["list_calls"]["value"] == 20


def test_a_webhooks_body_is_shown_in_the_form_its_provider_posts():
    content = by_id("webhooks_verimor_call")["requestBody"]["content"]

    assert content["application/x-www-form-urlencoded"]["examples"]["verimor_call"]["value"]["event_type"] == "hangup"


def test_every_answer_of_every_operation_has_a_schema_or_no_body():
    for key, operation in operations():
        for status, response in operation["responses"].items():
            for media_type, content in resolved(response).get("content", {}).items():
                assert content.get("schema") or media_type == "*/*", f"{key} {status}"


def test_a_password_is_for_writing_only():
    body = by_id("queues_create_queue")["requestBody"]["content"]["application/json"]["schema"]

    assert body["properties"]["password"]["writeOnly"]
    assert "password" not in json.dumps(description()["components"]["schemas"])
