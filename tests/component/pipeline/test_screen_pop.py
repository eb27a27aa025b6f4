"""Whose phone rings sees who calls, whichever PBX rings it and whatever the CRM does."""

from dataclasses import replace

from simulators.faults import Hang

ELIF = "05321234567"
RINGS_FOR = 60


def shown(company, *call_ids, provider=None):
    """Who the screen says is calling, per call, once it says so of all of them."""

    def look():
        answer = company.get("/calls/live", params={"provider": provider} if provider else {})
        return {call["call_id"]: call["record"] and call["record"]["name"] for call in answer.json().get("calls", [])}

    return company.until(look, lambda seen: all(seen.get(call_id) for call_id in call_ids) and bool(seen))


def searches(company):
    """How often Zoho answered a search: one that came with the token from before a reset is asked again."""
    return sum(entry.status == 200 for entry in company.zoho.requests.to("/__composite_requests"))


def test_a_call_of_any_pbx_shows_its_record_while_it_rings_and_costs_one_search(company):
    pbx, cloud, local = (company.sandbox.simulators[name] for name in ("virtualats", "verimor", "kobikom"))
    script = replace(cloud.exchange.script, ring_after=0.05, ring_seconds=RINGS_FOR)
    first = pbx.place_inbound_call(source="905321234567", extension="101", ring_seconds=RINGS_FOR)
    second = cloud.place_inbound_call(source="905339876543", extension="102", script=script)
    third = local.place_inbound_call(source="05427654321", extension="103", ring_seconds=RINGS_FOR)
    told = shown(company, f"virtualats:{first}", f"verimor:{second}")
    company.until(
        lambda: shown(company).values(), lambda names: {"Elif Yılmaz", "Çağrı Öztürk", "Ömer Doğan"} <= set(names)
    )

    assert {told[f"virtualats:{first}"], told[f"verimor:{second}"]} == {"Elif Yılmaz", "Çağrı Öztürk"}
    assert searches(company) <= 3
    for exchange, provider_id in ((pbx, first), (cloud, second), (local, third)):
        exchange.hang_up(provider_id)
    logged = [company.logged(call_id)[0] for call_id in (f"virtualats:{first}", f"verimor:{second}")]
    assert [call["Who_Id"]["name"] for call in logged] == ["Elif Yılmaz", "Çağrı Öztürk"]
    assert searches(company) <= 3


def test_a_crm_that_hangs_neither_holds_up_nor_loses_what_is_told(company):
    company.zoho.faults.add("/__composite_requests", Hang(), times=1)
    call_id = f"virtualats:{company.pbx.place_inbound_call(source='905321234567', extension='101', talk_seconds=3)}"
    company.ended(call_id)

    [logged] = company.logged(call_id)
    assert (logged["Call_Type"], logged["Who_Id"]["name"]) == ("Inbound", "Elif Yılmaz")
