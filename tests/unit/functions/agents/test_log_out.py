from functions.agents.log_out import handler
from tests.fakes.doors import call, http, sample


def test_the_sample_is_done_for_the_acting_users_own_agent_number(tenant, call_center):
    heard = call(handler, sample("agents/log_out"))

    assert (heard.status, heard.json) == (200, {"agent": "100", "state": "offline"})
    assert call_center.done == [("log out", "100")]


def test_an_agent_cannot_act_for_another_and_an_administrator_can(tenant, call_center):
    refused = call(handler, http("agents/log_out", path={"agent": "105"}))
    allowed = call(handler, http("agents/log_out", path={"agent": "105"}, role="admin"))

    assert (refused.status, refused.json["code"]) == (403, "not_allowed")
    assert (allowed.status, len(call_center.done)) == (200, 1)
