import pytest

from functions.queues.add_agents import handler as add_agents
from functions.queues.create_queue import handler as create_queue
from functions.queues.delete_queue import handler as delete_queue
from functions.queues.list_agents import handler as list_agents
from functions.queues.list_queues import handler as list_queues
from functions.queues.list_waiting import handler as list_waiting
from functions.queues.remove_agent import handler as remove_agent
from santral.errors import OutcomeUnknown
from tests.fakes.doors import call, http, sample

VERIMOR = {"provider": "verimor"}


def test_queues_are_listed_from_the_first_provider_that_has_any(tenant):
    assert call(list_queues, sample("queues/list_queues")).json == {"queues": [{"queue": "200", "name": "Destek"}]}


def test_a_queue_is_created_once_and_its_password_goes_to_the_pbx_alone(tenant, call_center):
    first = call(create_queue, sample("queues/create_queue"))
    second = call(create_queue, sample("queues/create_queue"))

    assert (first.status, first.json) == (201, {"queue": "10003", "name": "SATISQ"})
    assert second.json == first.json
    [(_, queue, password, agents)] = call_center.done
    assert (queue.queue, password, agents) == ("10003", "sample-only", ("100", "101"))
    assert "sample-only" not in str(tenant.table.rows)


def test_a_lost_answer_is_final_and_no_queue_is_created_twice(tenant, call_center):
    call_center.failure = OutcomeUnknown("no answer", system="kobikom")
    first = call(create_queue, sample("queues/create_queue"))
    second = call(create_queue, sample("queues/create_queue"))

    assert (first.status, second.status, len(call_center.done)) == (504, 504, 1)


def test_a_queue_is_deleted(tenant, call_center):
    heard = call(delete_queue, sample("queues/delete_queue"))

    assert (heard.status, heard.text) == (204, "")
    assert call_center.done == [("delete queue", "10003")]


@pytest.mark.parametrize(
    ("handler", "name"),
    [
        (create_queue, "queues/create_queue"),
        (delete_queue, "queues/delete_queue"),
        (add_agents, "queues/add_agents"),
        (remove_agent, "queues/remove_agent"),
    ],
)
def test_only_an_administrator_changes_queues(tenant, call_center, handler, name):
    heard = call(handler, http(name, role="agent"))

    assert (heard.status, heard.json["code"]) == (403, "not_allowed")
    assert call_center.done == []


def test_members_are_listed_in_their_order(tenant):
    heard = call(list_agents, http("queues/list_agents", path={"queue": "200"}, query=VERIMOR))

    assert heard.json["agents"] == [{"agent": "101", "name": "User 101"}, {"agent": "102", "name": "User 102"}]


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


def test_members_as_they_are_wanted_cost_no_change(tenant, cloud_pbx):
    call(remove_agent, http("queues/remove_agent", path={"queue": "200", "agent": "109"}, query=VERIMOR))

    assert cloud_pbx.done == []


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


def test_only_who_waits_in_this_queue_is_listed(tenant):
    heard = call(list_waiting, sample("queues/list_waiting"))

    assert heard.json == {
        "waiting": [
            {"queue": "200", "number": "05321234567", "call_id": "verimor:w1", "joined_at": "2026-01-15T09:29:00Z"}
        ]
    }
