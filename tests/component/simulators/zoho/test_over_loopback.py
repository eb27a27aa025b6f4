import threading

import pytest
import requests

from simulators.faults import CommitThen, Reset, Truncate
from simulators.serving import serving
from simulators.zoho import ZohoCrm

CALL = {
    "Subject": "Inbound call",
    "Call_Type": "Inbound",
    "Call_Start_Time": "2026-01-15T12:30:00+03:00",
    "Call_Duration": "01:02",
    "Santral_Call_ID": "virtualats:abc-1",
}


@pytest.fixture
def zoho():
    return ZohoCrm()


@pytest.fixture
def url(zoho):
    with serving(zoho) as url:
        yield url


@pytest.fixture
def session(zoho, url):
    with requests.Session() as session:
        form = {
            "grant_type": "refresh_token",
            "client_id": zoho.client.client_id,
            "client_secret": zoho.client.client_secret,
            "refresh_token": zoho.client.refresh_token,
        }
        token = session.post(f"{url}/oauth/v2/token", data=form, timeout=5).json()
        assert token["api_domain"] == url
        session.headers["Authorization"] = f"Zoho-oauthtoken {token['access_token']}"
        yield session


def test_a_phone_with_a_plus_and_local_letters_travel_unharmed(url, session):
    answer = session.get(f"{url}/crm/v8/Leads/search", params={"phone": "+994557967473"}, timeout=5)

    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json()["data"][0]["Full_Name"] == "Rəşad Məmmədov"


def test_nothing_found_is_204_with_an_empty_body(url, session):
    answer = session.get(f"{url}/crm/v8/Leads/search", params={"phone": "1"}, timeout=5)

    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("fault", [CommitThen(fault=Reset()), Truncate(ending="reset")])
def test_a_call_whose_answer_is_lost_is_in_the_crm_once_and_found_again(zoho, url, session, fault):
    zoho.faults.add("/Calls", fault)

    with pytest.raises(requests.RequestException):
        session.post(f"{url}/crm/v8/Calls", json={"data": [CALL]}, timeout=5)
    again = session.post(f"{url}/crm/v8/Calls", json={"data": [CALL]}, timeout=5)

    assert again.json()["data"][0]["code"] == "DUPLICATE_DATA"
    assert len(zoho.commits) == len(zoho.calls()) == 1


def test_fifty_at_once_make_one_record_and_no_more_are_let_in_than_allowed(zoho, url, session):
    zoho.limits.concurrency = 4
    codes = []

    def insert():
        answer = requests.post(
            f"{url}/crm/v8/Calls", json={"data": [CALL]}, headers=dict(session.headers), timeout=20
        ).json()
        codes.append(answer.get("code") or answer["data"][0]["code"])

    threads = [threading.Thread(target=insert) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert codes.count("SUCCESS") == 1
    assert set(codes) <= {"SUCCESS", "DUPLICATE_DATA", "TOO_MANY_REQUESTS"}
    assert len(zoho.calls()) == 1
    assert zoho.limits.most_in_flight <= 4
