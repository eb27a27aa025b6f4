"""The simulated PBX on real time and real sockets, as the sandbox runs it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from simulators.kobikom import Kobikom
from simulators.kobikom_exchange import CallScript
from simulators.serving import serving
from tests.eventually import eventually

KEY = "kobi-demo-0001-0002-0003"


@pytest.fixture
def pbx():
    pbx = Kobikom()
    pbx.use_script(CallScript(pick_up_seconds=0.01, ring_seconds=0.01, talk_seconds=0.01))
    with serving(pbx):
        yield pbx


def ask(pbx, module, **fields):
    query = {"apikey": KEY, "module": module, "type": "json"}
    return requests.post(pbx.api_url, params=query, data=fields, timeout=10).json()


def test_calls_dialled_at_once_all_come_to_their_end(pbx):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: ask(pbx, "dial", extension="101", number=number), range(5000, 5020)))

    assert {answer["result"] for answer in answers} == {"true"}
    eventually(lambda: not pbx.exchange.going_on())
    records = ask(pbx, "callRecords")["activecalls"].values()
    assert sorted(row["aranan_numara"] for row in records) == [str(number) for number in range(5000, 5020)]
    assert {row["durum"] for row in records} == {"ANSWERED"}


def test_a_campaign_calls_everybody_while_agents_come_and_go(pbx):
    days = {"start_date": "2020-01-01", "end_date": "2999-12-31", "start_time": "00:00:00", "end_time": "23:59:59"}
    campaign = ask(pbx, "createCampaign", **days, name="Bahar", retries="1", queue="191")["id_campaign"]
    contacts = [{"name": "Elif", "surname": "Kaya", "phone": str(5000 + n), "id_campaign": campaign} for n in range(20)]

    with ThreadPoolExecutor(4) as pool:
        added = pool.map(lambda contact: ask(pbx, "campaignAddPhone", **contact), contacts)
        breaks = pool.submit(ask, pbx, "breakStart", agent="1001", breakId="2")
        assert all(answer["result"] == "true" for answer in added)
        assert breaks.result()["result"] == "true"

    def statuses():
        return [row["status"] for row in ask(pbx, "getCallDetail", id_campaign=campaign)["data"].values()]

    eventually(lambda: set(statuses()) <= {"ShortCall", "Success"} and not pbx.exchange.going_on())
    assert len(statuses()) == len(pbx.exchange.calls()) == 20
