from functions.agents.start_break import handler
from santral.errors import Rejected
from santral.sentences import say
from tests.fakes.doors import call, http, sample


def test_the_sample_is_done_for_the_acting_users_own_agent_number(tenant, call_center):
    heard = call(handler, sample("agents/start_break"))

    assert (heard.status, heard.json) == (200, {"agent": "100", "state": "break"})
    assert call_center.done == [("start break", "100", "2")]


def test_an_agent_cannot_act_for_another_and_an_administrator_can(tenant, call_center):
    refused = call(handler, http("agents/start_break", path={"agent": "105"}))
    allowed = call(handler, http("agents/start_break", path={"agent": "105"}, role="admin"))

    assert (refused.status, refused.json["code"]) == (403, "not_allowed")
    assert (allowed.status, len(call_center.done)) == (200, 1)


def test_what_the_provider_refuses_is_told(tenant, call_center):
    call_center.failure = Rejected("already", system="kobikom", sentence=say("The agent is on a break already."))
    heard = call(handler, sample("agents/start_break"))

    assert (heard.status, heard.json["detail"]) == (422, "The agent is on a break already.")
