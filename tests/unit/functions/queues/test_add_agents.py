from functions.queues.add_agents import handler as add_agents
from functions.queues.remove_agent import handler as remove_agent
from santral.errors import OutcomeUnknown
from tests.fakes.doors import call, http

VERIMOR = {"provider": "verimor"}


def test_members_are_added_and_removed_one_by_one_where_the_pbx_can(tenant, call_center):
    added = call(add_agents, http("queues/add_agents", query={"provider": "kobikom"}))
    removed = call(remove_agent, http("queues/remove_agent", query={"provider": "kobikom"}))

    assert [agent["agent"] for agent in added.json["agents"]] == ["100", "102", "103"]
    assert removed.status == 204
    assert call_center.done == [("add", "10000", ("102", "103")), ("remove", "10000", ("102",))]


def test_elsewhere_the_whole_list_is_written_anew_with_who_was_in_it(tenant, cloud_pbx):
    added = call(add_agents, http("queues/add_agents", path={"queue": "200"}, query=VERIMOR))
    call(remove_agent, http("queues/remove_agent", path={"queue": "200", "agent": "101"}, query=VERIMOR))

    assert [agent["agent"] for agent in added.json["agents"]] == ["101", "102", "103"]
    assert cloud_pbx.done == [("replace", "200", ("101", "102", "103")), ("replace", "200", ("102", "103"))]


def test_two_who_change_one_queue_do_not_undo_each_other(tenant, cloud_pbx, monkeypatch):
    refused = []
    listing = cloud_pbx.queue_agents

    def while_another_comes(queue):
        monkeypatch.setattr(cloud_pbx, "queue_agents", listing)
        event = http("queues/remove_agent", path={"queue": "200", "agent": "101"}, query=VERIMOR)
        refused.append(call(remove_agent, event))
        return listing(queue)

    monkeypatch.setattr(cloud_pbx, "queue_agents", while_another_comes)
    heard = call(add_agents, http("queues/add_agents", path={"queue": "200"}, query=VERIMOR))

    assert heard.status == 200
    assert (refused[0].status, refused[0].headers["retry-after"]) == (503, "2")
    assert cloud_pbx.members["200"] == ["101", "102", "103"]


def test_the_lock_ends_with_the_change_also_after_a_failure(tenant, cloud_pbx):
    cloud_pbx.failure = OutcomeUnknown("no answer", system="verimor")
    call(add_agents, http("queues/add_agents", path={"queue": "200"}, query=VERIMOR))
    cloud_pbx.failure = None

    assert call(add_agents, http("queues/add_agents", path={"queue": "200"}, query=VERIMOR)).status == 200


def test_numbers_of_agents_are_digits(tenant, call_center):
    heard = call(add_agents, http("queues/add_agents", body={"agents": ["102", "10 3"]}))

    assert (heard.status, heard.json["errors"][0]["field"]) == (422, "agents.1")
    assert call_center.done == []
