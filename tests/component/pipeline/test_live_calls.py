"""Fifty widgets that look on through the gateway cost the PBX no more than one that does."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs

import requests

WIDGETS = 50
LOOKS = 3
PAUSE_SECONDS = 1.5
# Opened all at once, they would start eight processes of two functions at the same moment.
OPENED_SECONDS_APART = 0.1
A_READING_HOLDS_SECONDS = 2


def test_fifty_widgets_cost_the_pbx_one_reading_every_two_seconds(company):
    pbx = company.sandbox.simulators["kobikom"]
    call_id = pbx.place_inbound_call(extension="101", talk_seconds=300)
    company.get("/calls/live")
    pbx.requests.clear()

    began = time.monotonic()
    with ThreadPoolExecutor(WIDGETS) as widgets:
        seen = list(widgets.map(lambda number: looked_on(company, number), range(WIDGETS)))
    elapsed = time.monotonic() - began
    pbx.hang_up(call_id)

    assert any(calls for calls in seen[0])
    assert not any(calls for looks in seen[1:] for calls in looks)
    readings = Counter(parse_qs(it.query)["module"][0] for it in pbx.requests.all())
    assert readings.keys() == {"activeCalls", "activeCallsCallCenter"}
    assert max(readings.values()) <= elapsed // A_READING_HOLDS_SECONDS + 1, f"in {elapsed:.1f} s"


def looked_on(company, number):
    """What one widget was answered, look by look. Who is told to come again in a moment does."""
    looks = []
    time.sleep(number * OPENED_SECONDS_APART)
    with requests.Session() as session:
        session.headers.update(company.session.headers)
        while len(looks) < LOOKS:
            url = f"{company.sandbox.url}/calls/live"
            answer = session.get(url, params={"extension": str(101 + number)}, timeout=60)
            if "retry-after" not in answer.headers:
                assert answer.status_code == 200, answer.text
                looks.append(answer.json()["calls"])
            time.sleep(PAUSE_SECONDS)
    return looks
