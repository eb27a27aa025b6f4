"""In its user's language each function refuses a request, by the rights of its own role."""

import re

import requests

from sandbox.actions import actions, whole_template

# Whom the demo tenant knows as a speaker of Azerbaijani.
LEYLA = "leyla@example.com"


def test_each_action_refuses_in_the_acting_users_language(company):
    told = {}
    refused = [action for action in actions(whole_template()) if action.handler and action.role != "public"]
    for action in refused:
        answer = requests.request(
            action.route.method,
            company.sandbox.url + re.sub(r"\{\w+\}", "1", action.route.path),
            params={"nonsense": "1"},
            headers={"Authorization": f"Bearer {company.sandbox.ready['admin_token']}", "X-Crm-User": LEYLA},
            timeout=30,
        )
        of_field = {error["field"]: error["message"] for error in answer.json().get("errors", ())}
        told[action.route.key] = (answer.headers.get("content-language"), of_field.get("nonsense"))

    assert len(refused) > 35
    assert set(told.values()) == {("az", "bu sorğunun sahəsi deyil")}, told


def test_a_refusal_without_a_user_is_told_in_the_companys_language(company):
    answer = company.get("/messages?phone=x", headers={"X-Crm-User": None, "Accept-Language": None})

    assert (answer.status_code, answer.headers["content-language"]) == (422, "tr")
