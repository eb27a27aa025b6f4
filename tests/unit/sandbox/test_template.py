from pathlib import Path

import pytest

from sandbox.intrinsics import Scope, TemplateError
from sandbox.template import Cors, EventSource, Schedule, Template, Throttle

SMALL_STACK = Path(__file__).parents[2] / "component" / "stack" / "template.yaml"


@pytest.fixture(scope="module")
def template():
    return Template(SMALL_STACK, {"origins": "https://a.example.com, https://b.example.com"})


def test_functions_carry_their_own_settings_and_the_globals(template):
    answer = template.functions["Answer"]

    assert answer.handler == "functions.handlers.answer"
    assert answer.timeout == 1
    assert answer.memory == 256
    assert answer.role == "AnswerRole"
    assert answer.log_format == "JSON"
    assert answer.code == SMALL_STACK.parent / "functions"
    assert answer.layers == (SMALL_STACK.parent / "layer",)


def test_routes_know_their_function_authorizer_time_and_throttle(template):
    routes = {route.key: route for route in template.http_api.routes}

    assert routes["GET /echo/{name}"].function == "Echo"
    assert routes["GET /echo/{name}"].authorizer == "Tokens"
    assert routes["GET /echo/mine"].authorizer is None
    assert routes["GET /sleep"].timeout == 0.3
    assert routes["GET /rare"].throttle == Throttle(rate=0.001, burst=2)
    assert routes["GET /sleep"].throttle == Throttle(rate=1000, burst=1000)


def test_the_authorizer_is_asked_as_the_template_says(template):
    authorizer = template.http_api.authorizers["Tokens"]

    assert authorizer.function == "Authorizer"
    assert authorizer.identity_sources == ("$request.header.Authorization",)
    assert authorizer.ttl == 300


def test_cors_comes_from_the_parameters(template):
    assert template.http_api.cors == Cors(
        origins=("https://a.example.com", "https://b.example.com"),
        methods=("GET", "POST"),
        headers=("authorization", "content-type"),
        max_age=600,
    )


def test_queues_and_schedules_name_their_function(template):
    assert template.event_sources == (
        EventSource("FifoWorker", "Fifo", batch_size=10, reports_failures=True, concurrency=3),
        EventSource("StandardWorker", "Standard", batch_size=1, reports_failures=False, concurrency=2),
    )
    assert template.schedules == (Schedule("Timer", every=60, payload=None),)


def test_a_false_condition_takes_its_resources_and_routes_away(template):
    without = Template(SMALL_STACK, {"WithExtra": "false"})

    assert "OnlyWithExtra" in template.functions
    assert "OnlyWithExtra" not in without.functions
    assert "GET /extra" not in {route.key for route in without.http_api.routes}
    assert "ExtraSecret" not in without.resources


def test_an_environment_is_resolved_once_names_are_known(template):
    scope = Scope({"Table": "t", "Bucket": "b", "Fifo": "http://q"})

    environment = template.functions["Echo"].resolved_environment(scope)

    assert environment == {
        "TENANT": "sandbox",
        "TABLE_NAME": "t",
        "BUCKET_NAME": "b",
        "QUEUE_URL": "http://q",
        "EXTRA": "yes",
    }


def test_a_variable_that_names_nothing_is_an_error(template):
    with pytest.raises(TemplateError, match="TABLE_NAME of Echo"):
        template.functions["Echo"].resolved_environment(Scope())


@pytest.mark.parametrize("name", ["with_extra", "WithExtra", "withextra"])
def test_a_setting_is_a_parameter_however_it_is_written(name):
    assert Template(SMALL_STACK, {name: False}).parameters["WithExtra"] == "false"


def test_our_defaults_count_only_for_parameters_there_are():
    parameters = Template(SMALL_STACK, {}, {"Tenant": "ours", "RequireTls": "false"}).parameters

    assert parameters["Tenant"] == "ours"
    assert "RequireTls" not in parameters


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"weather": "fine"}, "no parameter for weather"),
        ({"with_extra": "perhaps"}, "WithExtra is one of true, false"),
        ({"tenant": "UPPER"}, "Tenant does not match"),
    ],
)
def test_a_setting_the_template_does_not_take_is_refused(settings, complaint):
    with pytest.raises(TemplateError, match=complaint):
        Template(SMALL_STACK, settings)


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (("rate(1 minute)", "'cron(0 1 * * ? *)'"), "cron"),
        (("BatchSize: 10", "BatchSize: 100"), "more than 10"),
        (("EnableSimpleResponses: true", "EnableSimpleResponses: false"), "answer simply"),
    ],
)
def test_what_is_not_played_here_is_said_and_not_ignored(tmp_path, wrong, complaint):
    path = tmp_path / "template.yaml"
    path.write_text(SMALL_STACK.read_text().replace(*wrong))
    template = Template(path, {})

    with pytest.raises(TemplateError, match=complaint):
        _ = template.http_api, template.event_sources, template.schedules


def test_a_mistake_in_the_template_is_named(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text(
        SMALL_STACK.read_text().replace("Handler: functions.handlers.tick", "Hanlder: functions.handlers.tick")
    )

    with pytest.raises(TemplateError, match="Timer"):
        Template(path, {})
