from functions.queues.remove_agent import handler as remove_agent
from tests.fakes.doors import call, http

VERIMOR = {"provider": "verimor"}


def test_members_as_they_are_wanted_cost_no_change(tenant, cloud_pbx):
    call(remove_agent, http("queues/remove_agent", path={"queue": "200", "agent": "109"}, query=VERIMOR))

    assert cloud_pbx.done == []


def test_a_member_is_removed_alone_where_the_pbx_can(tenant, call_center):
    heard = call(remove_agent, http("queues/remove_agent", query={"provider": "kobikom"}))

    assert (heard.status, heard.text) == (204, "")
    assert call_center.done == [("remove", "10000", ("102",))]
