from functions.calls.list_caller_ids import handler
from tests.fakes.doors import call, http, sample


def test_the_numbers_a_dial_may_show_are_listed(tenant):
    heard = call(handler, sample("calls/list_caller_ids"))

    assert (heard.status, heard.json) == (200, {"caller_ids": ["908505320000", "902125550000"]})


def test_who_names_no_provider_gets_the_one_that_can(tenant):
    assert call(handler, http("calls/list_caller_ids", query={})).json["caller_ids"][0] == "908505320000"


def test_a_provider_that_cannot_says_who_can(tenant):
    heard = call(handler, http("calls/list_caller_ids", query={"provider": "virtualats"}))

    assert (heard.status, heard.json["code"]) == (422, "not_supported")
