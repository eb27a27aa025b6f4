from functions.agents.log_in import handler
from tests.fakes.doors import call, http, sample


def test_the_sample_is_done_for_the_acting_users_own_agent_number(tenant, call_center):
    heard = call(handler, sample("agents/log_in"))

    assert (heard.status, heard.json) == (200, {"agent": "100", "state": "available"})
    assert call_center.done == [("log in", "100")]


def test_an_agent_cannot_act_for_another_and_an_administrator_can(tenant, call_center):
    refused = call(handler, http("agents/log_in", path={"agent": "105"}))
    allowed = call(handler, http("agents/log_in", path={"agent": "105"}, role="admin"))

    assert (refused.status, refused.json["code"]) == (403, "not_allowed")
    assert (allowed.status, len(call_center.done)) == (200, 1)


def test_an_agent_may_name_themselves_by_number(tenant, call_center):
    assert call(handler, http("agents/log_in", path={"agent": "100"})).status == 200


def test_me_needs_an_acting_user_with_an_agent_number(tenant, call_center):
    heard = call(handler, http("agents/log_in", headers={"x-crm-user": None}))

    assert (heard.status, heard.json["errors"][0]["field"]) == (422, "agent")
    assert call_center.done == []
