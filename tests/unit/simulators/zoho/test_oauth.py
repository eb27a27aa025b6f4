import pytest

from simulators.zoho import Client, ZohoCrm


def test_a_refresh_token_buys_an_access_token_for_an_hour(api):
    answer = api.token()

    assert answer.status_code == 200
    assert answer.json["access_token"].startswith("1000.")
    assert answer.json["expires_in"] == 3600
    assert answer.json["token_type"] == "Bearer"


def test_api_domain_is_the_simulator_itself_or_what_it_was_told(zoho, api):
    assert api.token().json["api_domain"] == zoho.url

    zoho.api_domain = "http://127.0.0.1:1"

    assert api.token().json["api_domain"] == "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"refresh_token": "1000.other"}, "invalid_code"),
        ({"client_id": "other"}, "invalid_client"),
        ({"client_secret": "other"}, "invalid_client_secret"),
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
    ],
)
def test_a_refused_refresh_is_http_200_with_an_error(api, changes, error):
    answer = api.token(**changes)

    assert (answer.status_code, answer.json) == (200, {"error": error})


def test_the_eleventh_token_in_ten_minutes_is_denied_until_they_are_over(api, clock):
    first_was_taken_by_the_fixture = 1
    for _ in range(10 - first_was_taken_by_the_fixture):
        assert "access_token" in api.token().json

    denied = api.token()
    clock.advance(minutes=9, seconds=59)
    still_denied = api.token()
    clock.advance(seconds=1)

    assert denied.status_code == still_denied.status_code == 400
    assert denied.json["error"] == "Access Denied"
    assert denied.json["status"] == "failure"
    assert "access_token" in api.token().json


def test_an_access_token_is_refused_after_its_hour(api, clock):
    clock.advance(minutes=59, seconds=59)
    assert api.get("/org").status_code == 200

    clock.advance(seconds=1)

    answer = api.get("/org")
    assert (answer.status_code, answer.json["code"]) == (401, "INVALID_TOKEN")


def test_the_thirty_first_access_token_pushes_out_the_first(api, clock):
    for _ in range(3):
        clock.advance(minutes=10)
        for _ in range(10):
            assert "access_token" in api.token().json

    assert api.get("/org").json["code"] == "INVALID_TOKEN"


def test_bearer_is_refused_though_token_type_says_bearer(api):
    api.headers = {"Authorization": api.headers["Authorization"].replace("Zoho-oauthtoken", "Bearer")}

    answer = api.get("/org")

    assert answer.status_code == 401
    assert answer.json == {"code": "INVALID_TOKEN", "details": {}, "message": "invalid oauth token", "status": "error"}


def test_an_unknown_token_is_refused(api):
    api.headers = {"Authorization": "Zoho-oauthtoken 1000.unknown"}

    assert api.get("/org").json["code"] == "INVALID_TOKEN"


def test_a_missing_token_is_an_authentication_failure(api):
    api.headers = {}

    answer = api.get("/org")

    assert (answer.status_code, answer.json["code"]) == (401, "AUTHENTICATION_FAILURE")


def test_a_revoked_refresh_token_is_an_invalid_code_and_takes_its_access_tokens_along(zoho, api):
    answer = api.http.post("/oauth/v2/token/revoke", query_string={"token": zoho.client.refresh_token})

    assert answer.json == {"status": "success"}
    assert api.token().json == {"error": "invalid_code"}
    assert api.get("/org").json["code"] == "INVALID_TOKEN"


def test_access_tokens_can_be_made_to_expire_early(zoho, api):
    zoho.accounts.expire_access_tokens()

    assert api.get("/org").json["code"] == "INVALID_TOKEN"
    assert "access_token" in api.token().json


def test_minted_tokens_and_token_requests_are_counted(zoho, api):
    api.token()
    api.token(client_id="other")

    assert zoho.accounts.minted == 2
    assert zoho.counts["token"] == 3


def test_the_client_is_the_integrators_choice():
    zoho = ZohoCrm(client=Client("id", "secret", "refresh"))

    answer = zoho.accounts.token(
        {"grant_type": "refresh_token", "client_id": "id", "client_secret": "secret", "refresh_token": "refresh"}, "x"
    )

    assert answer.status == 200
    assert answer.body["api_domain"] == "x"


def test_an_access_token_can_be_revoked_once(api):
    token = api.headers["Authorization"].split()[1]

    first, second = (api.http.post("/oauth/v2/token/revoke", query_string={"token": token}) for _ in range(2))

    assert (first.json, second.status_code) == ({"status": "success"}, 400)
    assert api.get("/org").json["code"] == "INVALID_TOKEN"
