import json

import pytest
from pydantic import ValidationError

from santral.errors import Busy, CredentialsRefused, Unanswered, Unintelligible
from santral.zoho.oauth import Credentials

CREDENTIALS = {
    "client_id": "1000.CLIENT",
    "client_secret": "canary-client-secret",
    "refresh_token": "canary-refresh-token",
    "accounts_url": "https://accounts.zoho.eu",
    "api_domain": "https://www.zohoapis.eu",
}


def test_the_refresh_token_travels_in_the_body_and_never_in_the_url(accounts, zoho, ask):
    ask(zoho)

    assert accounts.form() == {
        "grant_type": "refresh_token",
        "client_id": "1000.CLIENT",
        "client_secret": "canary-client-secret",
        "refresh_token": "canary-refresh-token",
    }
    assert accounts.token_requests[0].url == "https://accounts.zoho.eu/oauth/v2/token"


def test_a_warm_container_reads_neither_table_nor_token_endpoint(party, accounts, zoho, ask):
    ask(zoho)
    party.table.reads = 0

    ask(zoho)

    assert party.table.reads == 0
    assert len(accounts.token_requests) == 1


def test_a_second_container_takes_the_shared_token(party, accounts, ask):
    ask(party.container())
    ask(party.container())

    assert len(accounts.token_requests) == 1


def test_a_token_is_refreshed_after_fifty_minutes(party, accounts, zoho, ask):
    ask(zoho)
    party.clock.pass_seconds(49 * 60)
    ask(zoho)
    assert len(accounts.token_requests) == 1

    party.clock.pass_seconds(2 * 60)
    ask(zoho)

    assert len(accounts.token_requests) == 2


def test_while_another_refreshes_the_old_token_serves_as_long_as_it_lives(party, accounts, zoho, ask):
    ask(zoho)
    party.clock.pass_seconds(51 * 60)
    row = party.table.get("TOKEN#zoho")
    party.table.replace({**row, "leased_until": int(party.clock().timestamp()) + 8})

    ask(zoho)

    assert len(accounts.token_requests) == 1
    assert party.slept == []


def test_without_any_token_a_waiter_gives_up_after_about_four_seconds(party, accounts, zoho, ask):
    leased_until = int(party.clock().timestamp()) + 8
    party.table.add({"pk": "TOKEN#zoho", "sk": "-", "v": 1, "leased_until": leased_until}, now=0)

    with pytest.raises(Busy):
        ask(zoho)

    assert accounts.token_requests == []
    assert 3 < sum(party.slept) < 5


def test_a_waiter_takes_the_token_another_has_got_meanwhile(party, accounts, ask):
    leased_until = int(party.clock().timestamp()) + 8
    party.table.add({"pk": "TOKEN#zoho", "sk": "-", "v": 1, "leased_until": leased_until}, now=0)
    waiting = party.container()

    def other_finishes(_seconds):
        party.table.rows.clear()
        ask(party.container())

    waiting._tokens._sleep = other_finishes
    ask(waiting)

    assert len(accounts.token_requests) == 1
    assert [request.headers["Authorization"] for request in accounts.api_requests] == [
        "Zoho-oauthtoken canary-access-1",
        "Zoho-oauthtoken canary-access-1",
    ]


def test_the_lease_of_a_container_that_died_is_taken_over(party, accounts, zoho, ask):
    leased_until = int(party.clock().timestamp()) - 1
    party.table.add({"pk": "TOKEN#zoho", "sk": "-", "v": 1, "leased_until": leased_until}, now=0)

    ask(zoho)

    assert len(accounts.token_requests) == 1


@pytest.mark.parametrize("error", ["invalid_code", "invalid_client", "invalid_client_secret"])
def test_a_refusal_with_http_200_is_a_refusal_of_the_credentials(accounts, zoho, ask, error):
    accounts.refusals = [(200, {"error": error})]

    with pytest.raises(CredentialsRefused, match=error):
        ask(zoho)


@pytest.mark.parametrize("status", [200, 400])
def test_access_denied_is_a_request_to_slow_down_in_any_language(accounts, zoho, ask, status):
    accounts.refusals = [(status, {"error": "Access Denied", "error_description": "请求过多", "status": "failure"})]

    with pytest.raises(Busy):
        ask(zoho)


@pytest.mark.parametrize(
    ("refusal", "pause"), [({"error": "invalid_code"}, 60), ({"error": "Access Denied", "status": "failure"}, 120)]
)
def test_after_a_refusal_no_container_asks_again_before_its_pause(party, accounts, ask, refusal, pause):
    accounts.refusals = [(200, refusal)]
    for _ in range(20):
        with pytest.raises((CredentialsRefused, Busy)):
            ask(party.container())
    assert len(accounts.token_requests) == 1

    party.clock.pass_seconds(pause)
    ask(party.container())

    assert len(accounts.token_requests) == 2


def test_a_remembered_refusal_is_of_the_same_class_and_says_when_to_come_back(party, accounts, ask):
    accounts.refusals = [(200, {"error": "invalid_code"})]
    with pytest.raises(CredentialsRefused):
        ask(party.container())
    party.clock.pass_seconds(20)

    with pytest.raises(CredentialsRefused) as caught:
        ask(party.container())

    assert caught.value.retry_after == 40
    assert "connect Zoho again" in caught.value.sentence


def test_credentials_put_right_count_at_once(party, accounts, zoho, ask):
    accounts.refusals = [(200, {"error": "invalid_code"})]
    with pytest.raises(CredentialsRefused):
        ask(zoho)
    party.source.texts["zoho"] = json.dumps({**CREDENTIALS, "refresh_token": "canary-new-refresh-token"})

    ask(zoho)

    assert accounts.form()["refresh_token"] == "canary-new-refresh-token"


def test_a_token_of_other_credentials_is_not_used(party, accounts, ask):
    ask(party.container())
    party.source.texts["zoho"] = json.dumps({**CREDENTIALS, "client_id": "1000.OTHER"})

    ask(party.container())

    assert accounts.form()["client_id"] == "1000.OTHER"
    assert len(accounts.token_requests) == 2


def test_a_warm_container_gives_up_its_token_with_its_credentials(party, accounts, zoho, ask):
    ask(zoho)
    party.source.texts["zoho"] = json.dumps({**CREDENTIALS, "client_id": "1000.OTHER"})
    zoho._tokens._secrets.drop("zoho")

    ask(zoho)

    assert accounts.api_requests[-1].headers["Authorization"] == "Zoho-oauthtoken canary-access-2"


def test_a_container_with_an_old_secret_reads_it_again_instead_of_fetching_a_token_for_it(party, accounts, ask):
    old = party.container()
    ask(old)
    party.source.texts["zoho"] = json.dumps({**CREDENTIALS, "client_id": "1000.OTHER"})
    ask(party.container())
    party.clock.pass_seconds(51 * 60)
    ask(party.container())

    ask(old)

    assert accounts.api_requests[-1].headers["Authorization"] == "Zoho-oauthtoken canary-access-3"
    assert len(accounts.token_requests) == 3


def test_an_outage_of_the_token_endpoint_does_not_matter_while_the_old_token_lives(party, accounts, zoho, ask):
    ask(zoho)
    party.clock.pass_seconds(51 * 60)
    accounts.refusals = [(503, b"")]

    ask(zoho)
    ask(zoho)

    assert len(accounts.token_requests) == 2


def test_a_lost_answer_of_the_token_endpoint_never_counts_as_a_write_that_may_have_happened(accounts, zoho, ask):
    accounts.refusals = [(302, b"")]

    with pytest.raises(Unanswered):
        ask(zoho, safe=False)


DATA_CENTRES = ["com", "eu", "in", "com.au", "jp", "com.cn", "ca", "sa", "ae", "uk", "sg"]


@pytest.mark.parametrize(
    "domain",
    [
        *(f"https://www.zohoapis.{centre}" for centre in DATA_CENTRES),
        "https://sandbox.zohoapis.eu",
        "https://developer.zohoapis.com",
        "https://crmsandbox.zohoapis.com.au",
    ],
)
def test_the_data_centre_named_with_the_token_is_used(accounts, zoho, ask, domain):
    accounts.api_domain = domain

    ask(zoho)

    assert accounts.api_requests[0].url.startswith(f"{domain}/crm/v8/")


@pytest.mark.parametrize(
    "domain",
    [
        "https://zohoapis.eu.evil.example",
        "https://evil.example",
        "https://zohoapis.evi.li",
        "http://www.zohoapis.eu",
        "http://127.0.0.1:9001",
        "https://user@www.zohoapis.eu",
        "https://www.zohoapis.eu/path",
        7,
        "",
    ],
)
def test_the_token_is_sent_nowhere_but_to_zoho(accounts, zoho, ask, domain):
    accounts.api_domain = domain

    with pytest.raises(Unintelligible):
        ask(zoho)

    assert accounts.api_requests == []


@pytest.mark.parametrize(
    "url", ["http://accounts.zoho.eu", "https://", "accounts.zoho.eu", "https://a@b", "https://a:b"]
)
def test_addresses_are_encrypted_origins(url):
    with pytest.raises(ValidationError):
        Credentials.model_validate({**CREDENTIALS, "accounts_url": url})


def test_plain_http_is_for_this_machine():
    credentials = Credentials.model_validate({**CREDENTIALS, "accounts_url": "http://127.0.0.1:8000/"})

    assert credentials.accounts_url == "http://127.0.0.1:8000"


def test_unknown_keys_of_the_secret_are_refused():
    with pytest.raises(ValidationError):
        Credentials.model_validate({**CREDENTIALS, "refresh_tokn": "x"})


def test_credentials_do_not_print_their_secrets():
    credentials = Credentials.model_validate(CREDENTIALS)

    assert "canary" not in repr(credentials) + str(credentials) + credentials.fingerprint
