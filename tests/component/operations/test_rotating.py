"""Rotating while requests never cease: on the running system, whose caches live a hundred times as fast."""

import itertools
import json
import re
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace

import pytest
import requests
from typer.testing import CliRunner

from operations.__main__ import app
from sandbox.gateway import Gateway
from sandbox.runtime import Pool
from simulators.virtualats_exchange import CallScript

QUICKENED = ("Authorizer", "VirtualAtsWebhook", "OpenRecording", "GetCall")
_TIMES = 100
_CLOCK = """\
import time

monotonic = time.monotonic
time.monotonic = lambda: monotonic() * {times}
"""
WAIT = 4
"""Seconds here; what is kept for 300 s is kept for 3."""


@pytest.fixture
def quickened(company, tmp_path):
    """Functions that read secrets and ask nobody else, and the gateway, by a clock a hundred times as fast."""
    sandbox = company.sandbox
    (tmp_path / "sitecustomize.py").write_text(_CLOCK.format(times=_TIMES), encoding="utf-8")
    slow, gateway = {name: sandbox.pools[name] for name in QUICKENED}, sandbox._gateway
    for name, pool in slow.items():
        code = pool.function.code
        quick = replace(pool.function, code=replace(code, python_path=(tmp_path, *code.python_path)))
        sandbox.pools[name] = Pool(quick, lambda name=name: sandbox.stack.credentials(name))
    sandbox._gateway = Gateway(sandbox.template.http_api, sandbox.invoke, clock=lambda: time.monotonic() * _TIMES)
    yield sandbox
    sandbox._gateway = gateway
    for name, pool in slow.items():
        sandbox.pools[name].stop()
        sandbox.pools[name] = pool


@pytest.fixture
def secrets_as_they_were(company):
    """Put back what the secrets of the shared system held."""
    client, names = company.sandbox.root.secrets, company.sandbox.stack.secret_names
    held = {
        name: client.get_secret_value(SecretId=names[name])["SecretString"]
        for name in ("api", "virtualats", "permalinks")
    }
    yield
    for name, text in held.items():
        client.put_secret_value(SecretId=names[name], SecretString=text)


class Traffic:
    """Requests that never cease, each kind in a thread of its own; `told` counts what was answered to each."""

    def __init__(self):
        self.told = Counter()
        self.asking = {}
        self._over = threading.Event()

    def ask(self, name, ask):
        self.asking[name] = ask

    @contextmanager
    def going_on(self):
        threads = [threading.Thread(target=self._ask_on, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def _ask_on(self, number):
        for turn in itertools.count(number):
            if self._over.is_set():
                return
            asking = list(self.asking.items())
            name, ask = asking[turn % len(asking)]
            self.told[name, ask()] += 1


@pytest.mark.usefixtures("secrets_as_they_were")
def test_no_request_fails_while_everything_is_rotated_and_what_is_retired_is_refused(run, company, quickened):
    url, hook = quickened.url, quickened.ready["webhooks"]["virtualats"]
    company.pbx.use_script(CallScript(outcome="ANSWERED", ring_after=0.05, ring_seconds=0.2, talk_seconds=1))
    provider_id = company.pbx.place_inbound_call(source="905321234567", destination="994124886606", extension="101")
    call_id = f"virtualats:{provider_id}"
    [logged] = company.logged(call_id)
    link = logged["Voice_Recording__s"]
    company.settle()

    def by_token(token):
        headers = {"Authorization": f"Bearer {token}"}
        return lambda: requests.get(f"{url}/calls/{call_id}", headers=headers, timeout=30).status_code

    def posted_to(address):
        return lambda: requests.post(address, data=b"", timeout=30).status_code

    def opened():
        return requests.get(link, timeout=30, allow_redirects=False).status_code

    traffic = Traffic()
    traffic.ask("old token", by_token(quickened.ready["agent_token"]))
    traffic.ask("old webhook", posted_to(hook))
    traffic.ask("old link", opened)
    with traffic.going_on():
        token = re.search(r"for agents: (\S+)", run(f"rotate api-token --wait {WAIT}"))[1]
        traffic.ask("new token", by_token(token))
        address = re.search(r"its calls: (\S+)", run(f"rotate webhook virtualats --wait {WAIT}"))[1]
        traffic.ask("new webhook", posted_to(address))
        run(f"rotate permalink --wait {WAIT}")
        time.sleep(1)

    asked = {name for name, _ in traffic.told}
    assert {told for told in traffic.told.items() if told[0][1] not in (200, 302)} == set()
    assert asked == {"old token", "old webhook", "old link", "new token", "new webhook"}

    run("rotate api-token --retire")
    run("rotate webhook virtualats --retire")
    company.until(by_token(quickened.ready["agent_token"]), lambda status: status == 403)
    company.until(posted_to(hook), lambda status: status == 401)
    assert (by_token(token)(), posted_to(address)(), opened()) == (200, 200, 302)


@pytest.mark.usefixtures("as_integrator", "secrets_as_they_were")
@pytest.mark.parametrize(("secret", "key"), [("verimor", "api_key"), ("zoho", "refresh_token")])
def test_a_key_is_tried_where_it_is_from_and_written_only_when_it_is_taken_there(company, secret, key):
    client, name = company.sandbox.root.secrets, company.sandbox.stack.secret_names[secret]
    before = client.get_secret_value(SecretId=name)
    token = company.row("TOKEN#zoho")

    def rotate(value):
        line = ["rotate", "provider", secret, key, "--wait", "0"]
        return CliRunner().invoke(app, line, input=f"{value}\n")

    refused = rotate("nobody-knows-this-one")
    assert (refused.exit_code, "does not take them" in refused.stderr) == (1, True), refused.output
    assert client.get_secret_value(SecretId=name)["VersionId"] == before["VersionId"]

    taken = rotate(json.loads(before["SecretString"])[key])
    assert (taken.exit_code, "Take the old one back" in taken.stdout) == (0, True), taken.output
    assert client.get_secret_value(SecretId=name)["VersionId"] != before["VersionId"]
    assert company.row("TOKEN#zoho") == token
