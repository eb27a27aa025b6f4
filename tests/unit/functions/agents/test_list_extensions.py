from functions.agents.list_extensions import handler
from tests.fakes.doors import call, http

VERIMOR = {"provider": "verimor"}


def test_extensions_are_listed_with_their_states(tenant):
    heard = call(handler, http("agents/list_extensions", query=VERIMOR))

    assert heard.json == {
        "extensions": [
            {"extension": "101", "name": "Ayşe", "state": "available"},
            {"extension": "102", "name": "Mehmet", "state": "busy"},
        ]
    }


def test_many_who_look_within_a_minute_cost_the_provider_one_request(tenant, cloud_pbx):
    for _ in range(30):
        call(handler, http("agents/list_extensions", query=VERIMOR))
        tenant.clock.pass_seconds(1.9)
    assert len(cloud_pbx.done) == 1

    tenant.clock.pass_seconds(5)
    call(handler, http("agents/list_extensions", query=VERIMOR))
    assert len(cloud_pbx.done) == 2
