from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.test import Client as WsgiClient


class Clock:
    """Stands still until told otherwise."""

    def __init__(self):
        self.now = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

    def __call__(self):
        return self.now

    def advance(self, **span):
        self.now += timedelta(**span)


class Api:
    """The API as a client with a valid token meets it."""

    def __init__(self, zoho):
        self.zoho = zoho
        self.http = WsgiClient(zoho.wsgi_app)
        self.headers = {"Authorization": f"Zoho-oauthtoken {self.token().json['access_token']}"}

    def token(self, **changes):
        client = self.zoho.client
        form = {
            "grant_type": "refresh_token",
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "refresh_token": client.refresh_token,
            **changes,
        }
        return self.http.post("/oauth/v2/token", data=form)

    def get(self, path, **query):
        return self.http.get(f"/crm/v8{path}", query_string=query, headers=self.headers)

    def post(self, path, body):
        return self.http.post(f"/crm/v8{path}", json=body, headers=self.headers)

    def put(self, path, body):
        return self.http.put(f"/crm/v8{path}", json=body, headers=self.headers)

    def delete(self, path, **query):
        return self.http.delete(f"/crm/v8{path}", query_string=query, headers=self.headers)

    def insert(self, module, *rows):
        return self.post(f"/{module}", {"data": list(rows)})

    def inserted(self, module, row):
        """The id of a row that goes in."""
        answer = self.insert(module, row)
        assert answer.status_code == 201, answer.text
        return answer.json["data"][0]["details"]["id"]

    def refusal(self, module, row):
        """Code and field of the one refusal a row meets."""
        answer = self.insert(module, row)
        item = answer.json["data"][0]
        assert item["status"] == "error", item
        return item["code"], item["details"]["api_name"]

    def coql(self, query):
        return self.post("/coql", {"select_query": query})


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def api(zoho):
    return Api(zoho)


@pytest.fixture
def elif_(zoho):
    return next(contact for contact in zoho.contacts() if contact["Full_Name"] == "Elif Yılmaz")


@pytest.fixture
def rashad(zoho):
    return next(lead for lead in zoho.leads() if lead["Full_Name"] == "Rəşad Məmmədov")


@pytest.fixture
def call():
    """A call Zoho takes as it is."""
    return {
        "Subject": "Inbound call from +90 532 123 45 67",
        "Call_Type": "Inbound",
        "Call_Start_Time": "2026-11-21T11:30:00+03:00",
        "Call_Duration": "01:02",
        "Santral_Call_ID": "virtualats:abc-1",
    }
