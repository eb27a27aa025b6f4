"""The simulators without sockets: a transport that hands requests to a simulator's WSGI application."""

from io import BytesIO

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse
from werkzeug.test import Client

from santral.http import Http
from santral.zoho.client import Zoho
from simulators.zoho import ZohoCrm

HOME = "http://127.0.0.1"


class InProcess(BaseAdapter):
    """A network whose only server is one simulator. What needs a socket (resets, hangs) cannot happen here."""

    def __init__(self, simulator) -> None:
        super().__init__()
        self._client = Client(simulator.wsgi_app)

    def send(self, request, **_kwargs):
        body = request.body.encode() if isinstance(request.body, str) else request.body
        answer = self._client.open(
            request.path_url,
            method=request.method,
            headers=list(request.headers.items()),
            data=body,
        )
        response = requests.Response()
        response.status_code = answer.status_code
        response.headers.update(answer.headers)
        response.raw = HTTPResponse(
            body=BytesIO(answer.data), headers=dict(answer.headers), status=answer.status_code, preload_content=False
        )
        return response

    def close(self) -> None:
        pass


def zoho_secret(zoho: ZohoCrm) -> dict[str, str]:
    return {
        "client_id": zoho.client.client_id,
        "client_secret": zoho.client.client_secret,
        "refresh_token": zoho.client.refresh_token,
        "accounts_url": HOME,
        "api_domain": HOME,
    }


def connect(tenant, zoho: ZohoCrm) -> None:
    """Give a tenant a CRM that is this simulator."""
    zoho.api_domain = HOME
    network = InProcess(zoho)
    tenant.zoho = Zoho(
        tenant.secrets,
        tenant.table,
        clock=tenant.clock,
        http=lambda base_url: Http("zoho", base_url, transport=network, monotonic=lambda: tenant.clock().timestamp()),
        sleep=lambda _seconds: None,
    )
