from simulators.faults import CommitThen, Status
from simulators.zoho import ZohoCrm


def test_every_effect_is_in_the_commit_log_with_its_request(zoho, api, call):
    call_id = api.inserted("Calls", call)
    api.get("/org")
    api.put(f"/Calls/{call_id}", {"data": [{"Description": "note"}]})

    first, second = zoho.commits
    assert (first.number, first.request, first.action, first.module, first.id) == (1, 2, "insert", "Calls", call_id)
    assert (second.number, second.request, second.action, second.fields) == (2, 4, "update", {"Description": "note"})
    assert first.at == "2026-11-21T09:00:00+00:00"
    assert [entry.committed for entry in zoho.requests.all()] == [False, True, False, True]


def test_what_is_refused_is_not_in_the_commit_log(zoho, api, call):
    api.insert("Calls", {**call, "Call_Type": "Internal"})

    assert zoho.commits == []
    assert not zoho.requests.all()[-1].committed


def test_an_effect_whose_answer_was_lost_is_in_the_commit_log(zoho, api, call):
    zoho.faults.add("/Calls", CommitThen(fault=Status(code=502)))

    lost = api.insert("Calls", call)
    again = api.insert("Calls", call)

    assert lost.status_code == 502
    assert again.json["data"][0]["details"]["id"] == zoho.commits[0].id
    assert len(zoho.commits) == len(zoho.calls()) == 1
    assert zoho.requests.all()[-2].committed


def test_a_request_kept_from_taking_effect_is_counted_but_not_committed(zoho, api, call):
    zoho.faults.add("/Calls", Status(code=503))

    api.insert("Calls", call)

    assert zoho.counts["insert"] == 1
    assert zoho.commits == []


def test_requests_are_counted_by_kind(zoho, api, call, elif_):
    api.insert("Calls", call)
    api.post("/Calls/upsert", {"data": [call]})
    api.put("/Calls", {"data": []})
    api.get("/Contacts/search", phone="1")
    api.get(f"/Contacts/{elif_['id']}")
    api.get("/Contacts", fields="id")
    api.coql("select id from Calls where id is not null")
    api.post("/__composite_requests", {"__composite_requests": [{"method": "GET", "uri": "/crm/v8/org"}]})
    api.get("/settings/fields", module="Calls")
    api.get("/users")
    api.get("/nowhere/at/all/here")

    kinds = "token insert upsert update search get list_records coql composite fields users unknown"
    assert zoho.counts == dict.fromkeys(kinds.split(), 1)


def test_the_control_plane_shows_records_and_commits(zoho, api, call):
    call_id = api.inserted("Calls", call)

    records = api.http.get("/_control/records/Calls").json
    commits = api.http.get("/_control/commits").json
    state = api.http.get("/_control/state").json

    assert [record["id"] for record in records] == [call_id]
    assert commits[0]["id"] == call_id
    assert (state["records"]["Calls"], state["commits"], state["access_tokens"]) == (1, 1, 1)
    assert api.http.get("/_control/records/Activities").status_code == 404


def test_a_reset_brings_the_demos_people_back_and_forgets_the_rest(zoho, api, call, elif_):
    api.inserted("Calls", call)
    api.delete("/Contacts", ids=elif_["id"])
    zoho.limits.concurrency = 1
    zoho.faults.add("/Calls", Status(code=503))

    assert api.http.post("/_control/reset").json == {"ok": True}

    assert zoho.calls() == []
    assert zoho.commits == []
    assert len(zoho.contacts()) == 6
    assert zoho.limits.concurrency == 20
    assert zoho.faults.waiting == []
    assert api.get("/org").json["code"] == "INVALID_TOKEN"


def test_the_demos_people_share_numbers_as_customers_do(zoho):
    assert (len(zoho.contacts()), len(zoho.leads()), len(zoho.records("Accounts"))) == (6, 6, 2)
    assert {contact["Owner"]["email"] for contact in zoho.contacts()} == {
        "ayse@example.com",
        "mehmet@example.com",
        "leyla@example.com",
    }


def test_an_organisation_can_begin_empty():
    assert ZohoCrm(with_demo_data=False).contacts() == []


def test_the_control_plane_turns_the_knobs(zoho, api, call):
    def act(action, **arguments):
        return api.http.post(f"/_control/actions/{action}", json=arguments)

    assert act("arrange", index_lag_seconds=30, concurrency=3, call_id_field="plain").status_code == 200
    assert (zoho.index_lag.total_seconds(), zoho.limits.concurrency) == (30, 3)
    assert zoho.layout.call_id_field == "plain"
    assert zoho.limits.credits_per_day == 53_000
    assert act("arrange", call_id_field="sometimes").status_code == 400
    act("refuse_rows", module="Calls", code="RECORD_LOCKED", times=1)
    assert api.insert("Calls", call).json["data"][0]["code"] == "RECORD_LOCKED"
    act("expire_access_tokens")
    assert api.get("/org").json["code"] == "INVALID_TOKEN"
    act("revoke_refresh_token")
    assert api.token().json == {"error": "invalid_code"}
    act("restore_refresh_token")
    assert "access_token" in api.token().json


def test_a_lead_can_be_converted_from_outside(api, rashad):
    api.http.post("/_control/actions/convert_lead", json={"lead_id": rashad["id"]})

    assert api.get("/Leads/search", phone="994557967473").status_code == 204
