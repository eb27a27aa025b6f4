from functions.queues.list_agents import handler as list_agents
from tests.fakes.doors import call, http

VERIMOR = {"provider": "verimor"}


def test_members_are_listed_in_their_order(tenant):
    heard = call(list_agents, http("queues/list_agents", path={"queue": "200"}, query=VERIMOR))

    assert heard.json["agents"] == [{"agent": "101", "name": "User 101"}, {"agent": "102", "name": "User 102"}]
