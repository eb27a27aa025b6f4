from functions.agents.list_breaks import handler
from tests.fakes.doors import call, sample


def test_the_kinds_of_break_are_listed(tenant):
    heard = call(handler, sample("agents/list_breaks"))

    assert heard.json["breaks"][0] == {"id": "2", "name": "YEMEK MOLASI"}
