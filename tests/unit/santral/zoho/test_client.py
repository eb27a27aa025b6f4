from datetime import timedelta
from types import SimpleNamespace

import pytest
import requests

from santral.errors import Busy, CredentialsRefused, OutcomeUnknown, Unanswered, Unintelligible, Unreachable
from santral.http import Http
from santral.zoho.client import DEADLINE_SECONDS, PermissionMissing, RecordRefused


def refusal(code, **details):
    return {"code": code, "details": details, "message": "canary +905321234567", "status": "error"}


def test_the_token_goes_in_zohos_own_scheme(accounts, zoho, ask):
    ask(zoho)

    request = accounts.api_requests[0]
    assert request.headers["Authorization"] == "Zoho-oauthtoken canary-access-1"
    assert request.url == "https://www.zohoapis.eu/crm/v8/users?type=CurrentUser"


def test_no_content_is_none(accounts, zoho, ask):
    accounts.api_answers = [(204, b"")]

    assert ask(zoho) is None


@pytest.mark.parametrize("safe", [True, False])
def test_an_expired_token_is_replaced_once_and_the_request_replayed(accounts, zoho, ask, safe):
    accounts.dead = {"canary-access-1"}

    ask(zoho, safe)

    assert len(accounts.token_requests) == 2
    assert len(accounts.api_requests) == 2


def test_a_token_replaced_by_another_container_is_simply_taken(party, accounts, ask):
    first, second = party.container(), party.container()
    ask(first)
    ask(second)
    accounts.dead = {"canary-access-1"}

    ask(first)
    ask(second)

    assert len(accounts.token_requests) == 2


def test_a_fresh_token_that_is_refused_too_is_not_replaced_again_within_a_minute(party, accounts, ask):
    accounts.dead = {f"canary-access-{number}" for number in range(1, 20)}
    for _ in range(5):
        with pytest.raises(CredentialsRefused):
            ask(party.container())
    assert len(accounts.token_requests) == 2

    party.clock.pass_seconds(61)
    with pytest.raises(CredentialsRefused):
        ask(party.container())

    assert len(accounts.token_requests) <= 4


def test_a_missing_scope_is_told_as_such_and_no_token_is_wasted_on_it(accounts, zoho, ask):
    accounts.api_answers = [(401, refusal("OAUTH_SCOPE_MISMATCH"))]

    with pytest.raises(CredentialsRefused) as caught:
        ask(zoho)

    assert "scope" in caught.value.sentence
    assert len(accounts.token_requests) == 1


def test_what_is_in_a_hurry_shares_its_seconds_and_sends_nothing_once_they_are_over(accounts, zoho, ask, monkeypatch):
    seconds, deadlines = [0.0], []
    monkeypatch.setattr("santral.zoho.client.time", SimpleNamespace(monotonic=lambda: seconds[0]))
    send = Http.call

    def noted(self, *what, deadline, **how):
        deadlines.append(deadline)
        seconds[0] += 1.5
        return send(self, *what, deadline=deadline, **how)

    ask(zoho)
    monkeypatch.setattr(Http, "call", noted)
    with zoho.hurried(2.0):
        ask(zoho)
        ask(zoho)
        with pytest.raises(Unanswered):
            ask(zoho)
    ask(zoho)

    assert deadlines == [2.0, 0.5, DEADLINE_SECONDS]
    assert len(accounts.api_requests) == 4


def test_too_many_requests_is_busy(accounts, zoho, ask):
    accounts.api_answers = [(429, refusal("TOO_MANY_REQUESTS"))]

    with pytest.raises(Busy):
        ask(zoho)


@pytest.mark.parametrize("answer", [(500, b"oops"), (200, b"\xff{"), (200, b"[]"), (502, refusal("INTERNAL_ERROR"))])
def test_an_answer_that_says_nothing_is_unintelligible_or_an_unknown_outcome(party, accounts, ask, answer):
    accounts.api_answers = [answer, answer, answer]
    zoho = party.container()

    with pytest.raises(Unintelligible):
        ask(zoho)
    accounts.api_answers = [answer]
    with pytest.raises(OutcomeUnknown):
        ask(zoho, safe=False)


def test_a_refusal_tells_code_and_field_and_nothing_of_the_customer(accounts, zoho, ask):
    accounts.api_answers = [(400, refusal("INVALID_DATA", api_name="Phone", value="+905321234567"))]

    with pytest.raises(RecordRefused) as caught:
        ask(zoho)

    assert (caught.value.zoho_code, caught.value.field) == ("INVALID_DATA", "Phone")
    assert "canary" not in str(caught.value) + caught.value.sentence
    assert "532" not in str(caught.value) + caught.value.sentence


def test_an_error_inside_http_200_is_still_an_error(accounts, zoho, ask):
    accounts.api_answers = [(200, refusal("INVALID_MODULE"))]

    with pytest.raises(RecordRefused, match="INVALID_MODULE"):
        ask(zoho)


def test_a_refused_connection_is_unreachable_whatever_was_asked(accounts, zoho, ask):
    ask(zoho)

    def unplugged(_request):
        raise requests.ConnectTimeout("unplugged")

    accounts.network.answer = unplugged
    with pytest.raises(Unreachable):
        ask(zoho, safe=False)


@pytest.mark.parametrize(
    ("date", "ahead"),
    [
        ("Thu, 15 Jan 2026 09:29:00 GMT", timedelta(seconds=60)),
        ("Thu, 15 Jan 2026 09:29:00", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_how_far_our_clock_is_ahead_is_read_off_each_answer(zoho, ask, accounts, monkeypatch, date, ahead):
    answer = accounts.network.answer

    def dated(request):
        status, _, body = answer(request)
        return status, {"date": date} if date else {}, body

    monkeypatch.setattr(accounts.network, "answer", dated)
    ask(zoho)

    assert zoho.clock_ahead == ahead


def test_who_moved_to_another_data_centre_is_followed_there_by_the_next_tokens_answer(accounts, zoho, ask):
    ask(zoho)
    accounts.api_answers = [(400, refusal("INVALID_HOST"))]
    accounts.api_domain = "https://www.zohoapis.ae"

    ask(zoho, safe=False)

    assert accounts.api_requests[-1].url.startswith("https://www.zohoapis.ae/")
    assert len(accounts.token_requests) == 2


def test_a_data_centre_that_stays_wrong_is_told_and_not_asked_again_and_again(accounts, zoho, ask):
    accounts.api_answers = [(400, refusal("INVALID_HOST"))] * 2

    with pytest.raises(CredentialsRefused) as caught:
        ask(zoho)

    assert "data centre" in caught.value.sentence
    assert len(accounts.token_requests) == 2


def test_a_right_that_is_missing_is_told_apart_from_what_is_wrong_with_a_record(accounts, zoho, ask):
    accounts.api_answers = [(403, refusal("NO_PERMISSION", permissions=["Crm_Implied_Create_Calls"]))]

    with pytest.raises(PermissionMissing, match="NO_PERMISSION"):
        ask(zoho)


def test_an_active_user_is_found_on_any_page_and_asked_for_once_in_minutes(party, accounts, zoho):
    def page(**user):
        return 200, {"users": [user], "info": {"more_records": user["id"] == "1"}}

    accounts.api_answers = [page(id="1", email="a@example.com"), page(id="2", email="B@example.com")]

    assert zoho.active_user("b@example.com") == "2"
    assert zoho.active_user("gone@example.com") is None
    assert [request.url.partition("?")[2] for request in accounts.api_requests] == [
        "type=ActiveUsers&page=1&per_page=200",
        "type=ActiveUsers&page=2&per_page=200",
    ]

    party.clock.pass_seconds(301)
    accounts.api_answers = [(204, b"")]
    assert zoho.active_user("b@example.com") is None
