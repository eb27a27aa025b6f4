from functions.agents.end_break import handler
from tests.fakes.doors import call, http, sample


def test_the_end_of_a_break_tells_how_long_it_was(tenant):
    heard = call(handler, sample("agents/end_break"))

    assert heard.json == {"started_at": "2017-06-01T07:00:00Z", "ended_at": "2017-06-01T07:00:08Z", "seconds": 8}


def test_an_agent_cannot_act_for_another_and_an_administrator_can(tenant, call_center):
    refused = call(handler, http("agents/end_break", path={"agent": "105"}))
    allowed = call(handler, http("agents/end_break", path={"agent": "105"}, role="admin"))

    assert (refused.status, refused.json["code"]) == (403, "not_allowed")
    assert (allowed.status, len(call_center.done)) == (200, 1)
