import pytest

from functions.agents.end_break import handler as end_break
from functions.agents.list_breaks import handler as list_breaks
from functions.agents.log_in import handler as log_in
from functions.agents.log_out import handler as log_out
from functions.agents.start_break import handler as start_break
from santral.errors import Rejected
from tests.fakes.doors import call, http, sample


@pytest.mark.parametrize(
    ("handler", "name", "done", "state"),
    [
        (log_in, "agents/log_in", ("log in", "100"), "available"),
        (log_out, "agents/log_out", ("log out", "100"), "offline"),
        (start_break, "agents/start_break", ("start break", "100", "2"), "break"),
    ],
)
def test_the_sample_is_done_for_the_acting_users_own_agent_number(tenant, call_center, handler, name, done, state):
    heard = call(handler, sample(name))

    assert (heard.status, heard.json) == (200, {"agent": "100", "state": state})
    assert call_center.done == [done]


def test_the_end_of_a_break_tells_how_long_it_was(tenant):
    heard = call(end_break, sample("agents/end_break"))

    assert heard.json == {"started_at": "2017-06-01T07:00:00Z", "ended_at": "2017-06-01T07:00:08Z", "seconds": 8}


def test_the_kinds_of_break_are_listed(tenant):
    heard = call(list_breaks, sample("agents/list_breaks"))

    assert heard.json["breaks"][0] == {"id": "2", "name": "YEMEK MOLASI"}


@pytest.mark.parametrize(("handler", "name"), [(log_in, "agents/log_in"), (end_break, "agents/end_break")])
def test_an_agent_cannot_act_for_another_and_an_administrator_can(tenant, call_center, handler, name):
    refused = call(handler, http(name, path={"agent": "105"}))
    allowed = call(handler, http(name, path={"agent": "105"}, role="admin"))

    assert (refused.status, refused.json["code"]) == (403, "not_allowed")
    assert (allowed.status, len(call_center.done)) == (200, 1)


def test_an_agent_may_name_themselves_by_number(tenant, call_center):
    assert call(log_in, http("agents/log_in", path={"agent": "100"})).status == 200


def test_me_needs_an_acting_user_with_an_agent_number(tenant, call_center):
    heard = call(log_in, http("agents/log_in", headers={"x-crm-user": None}))

    assert (heard.status, heard.json["errors"][0]["field"]) == (422, "agent")
    assert call_center.done == []


def test_what_the_provider_refuses_is_told(tenant, call_center):
    call_center.failure = Rejected("already", system="kobikom", sentence="The agent is on a break already.")
    heard = call(start_break, sample("agents/start_break"))

    assert (heard.status, heard.json["detail"]) == (422, "The agent is on a break already.")
