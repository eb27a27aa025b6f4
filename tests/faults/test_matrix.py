"""The fault matrix, case by case: one kind of trouble at a time, and much more of it than ever comes."""

import ast
import contextlib
import random
from datetime import timedelta
from unittest import mock

import pytest

import functions.campaigns.delete_campaign
import functions.campaigns.update_campaign
import functions.webhooks.virtualats
import functions.workers.record_event
from sandbox.system import ROOT
from santral.errors import NotAuthentic, NotUnderstood
from santral.providers.ports import Webhook
from tests.fakes.doors import http
from tests.faults.matrix import DOES_NOT_APPLY, HELD
from tests.faults.observers import observe
from tests.faults.scorecard import score
from tests.faults.world import CASES, Case, World

pytestmark = pytest.mark.usefixtures("no_network", "quiet")
PATH = {"token": "hook-token-one"}
CASES_THAT_LOOK = [Case(), Case(calls_can_be_upserted=False), Case("plain"), Case("absent")]
# Systems that tell of their calls in other ways than VirtualATS, and WapCRM beside them.
OTHERS = [Case(pbx="kobikom", wapcrm="calls"), Case(pbx="verimor", wapcrm="beside")]
FUZZED = 10_000
PIECES = (b"null", b"NaN", b"{}", b"[", b'"', b"\\ud800", b"1e400", b"\xef\xbb\xbf")


def test_every_case_is_held_or_has_its_reason():
    assert sorted([*HELD, *DOES_NOT_APPLY]) == list(range(1, 49))
    for nodes in HELD.values():
        for node in nodes:
            path, _, name = node.partition("::")
            tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
            assert name in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}, node.strip()


@pytest.fixture
def judged(tmp_path):
    def judge(world):
        observe(world, tmp_path)
        found = score(tmp_path)
        print(f"seed {world.seed}: {found.calls} calls, faults: {dict(found.faults)}")
        assert not any(found.broken.values()), dict(found.broken)
        return found

    return judge


@pytest.fixture
def storm(seed, judged):
    """A run with these troubles alone, all of which must have come."""

    def rage(case=CASES[0], calls=30, *, reconciles=True, **rates):
        world = World(seed, case, rates=rates, reconciles=reconciles)
        world.run(calls)
        found = judged(world)
        assert all(found.faults[kind] for kind in rates)
        assert found.holds

    return rage


def test_f01_fifty_equal_webhooks_are_one_call(seed, judged):
    world = World(seed, rates={})
    with world.in_place():
        world.place_call()
        world.timeline.advance(600)
        for _ in range(50):
            for notification in world.notifications:
                world.sender._schedule(notification, 1, 0)
        world.timeline.advance(1)
        world.rest()
    assert len(world.sender.book) >= 51
    judged(world)


def test_f02_copies_after_minutes_hours_and_days_change_nothing(storm):
    storm(webhook_doubled=1.0)


def test_f09_f12_whatever_is_posted_is_answered_and_kept(seed):
    world, dice = World(seed, rates={}), random.Random(seed)
    with world.in_place():
        world.place_call()
        world.timeline.advance(600)
        bodies = [notification.body for notification in world.notifications]
        for _ in range(FUZZED):
            event = http("webhooks/virtualats", raw=spoilt(dice, dice.choice(bodies)), path=PATH)
            answer = world.invoke("webhook", functions.webhooks.virtualats.handler, event)
            assert answer["statusCode"] in (200, 401), answer
    assert not [kind for kind in world.troubles.injected if kind.startswith("(")]


def test_f12_no_body_makes_the_provider_stumble(request, seed, record_testsuite_property):
    inputs = request.config.getoption("--fuzz-inputs", 20_000)
    world, dice = World(seed, rates={}), random.Random(seed)
    with world.in_place():
        for _ in range(5):
            world.place_call()
            world.timeline.advance(600)
        pbx = world._new_container("webhook").pbx
        bodies = [notification.body for notification in world.notifications]
        for _ in range(inputs):
            with contextlib.suppress(NotAuthentic, NotUnderstood):
                pbx.events(Webhook({}, spoilt(dice, dice.choice(bodies))))
    record_testsuite_property("inputs", inputs)


def spoilt(dice, body):
    """A body with a few bytes or pieces of it changed, dropped, doubled, or put elsewhere."""
    spoiled = bytearray(body)
    for _ in range(dice.randrange(1, 6)):
        at, to = sorted((dice.randrange(len(spoiled) + 1), dice.randrange(len(spoiled) + 1)))
        match dice.randrange(5):
            case 0:
                spoiled[at:at] = bytes([dice.randrange(256)])
            case 1:
                del spoiled[at : at + dice.randrange(1, 9)]
            case 2:
                spoiled[at:at] = spoiled[at : min(to, at + 40)]
            case 3:
                spoiled[at:at] = dice.choice(
                    (b"null", b"NaN", b"{}", b"[", b'"', b"\\ud800", b"1e400", b"\xef\xbb\xbf")
                )
            case 4:
                spoiled[at:to] = spoiled[at:to][::-1]
    return bytes(spoiled)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=iso-8859-9",
        "text/plain",
        "application/x-www-form-urlencoded",
        None,
    ],
)
def test_f11_the_body_counts_whatever_its_content_type_says(seed, judged, content_type):
    world = World(seed, rates={})
    with world.in_place():
        world.place_call()
        with mock.patch.object(world.sender, "_schedule"):
            world.timeline.advance(600)
        for notification in world.notifications:
            for event in (
                http("webhooks/virtualats", raw=notification.body, headers={"content-type": content_type}, path=PATH),
                as_text(http("webhooks/virtualats", headers={"content-type": content_type}, path=PATH), notification),
            ):
                answer = world.invoke("webhook", functions.webhooks.virtualats.handler, event)
                assert answer["statusCode"] == 200
        world.rest()
    judged(world)


def as_text(event, notification):
    return {**event, "body": notification.body.decode(), "isBase64Encoded": False}


@pytest.mark.parametrize("case", [Case(), *OTHERS], ids=lambda case: case.pbx)
def test_f13_a_pbx_that_fails_half_the_time(storm, case):
    storm(case, pbx_fails=0.3, pbx_lost=0.2)


@pytest.mark.parametrize("pbx", ["virtualats", "verimor"])
def test_f13_a_pbx_that_is_away_for_an_hour_while_wapcrm_tells_of_its_calls(seed, judged, pbx):
    """Its webhooks are lost as well, so the conversation is logged first, and is the call when that is told at last."""
    world = World(seed, Case(pbx=pbx, wapcrm="calls"), rates={"webhook_lost": 1.0})
    with world.in_place():
        world.pbx_down_until = world.timeline.now() + timedelta(hours=1)
        for _ in range(30):
            world.place_call()
            world.pass_seconds(4)
        world.pass_seconds(3600)
        world.rest()
    judged(world)

    logged = {row["call_id"] for row in world.table.rows.values() if row.get("crm_call_id")}
    of_pbx = {call["call_id"].partition(":")[2] for call in world.pbx_line.calls()}
    assert logged & {f"wapcrm:{guid}" for guid in of_pbx}


def test_f16_recordings_that_are_cut_are_fetched_again(storm):
    storm(recording_cut=0.5)


def test_f21_tokens_that_expire_early(storm):
    storm(crm_token_expires=0.2)


def test_f22_an_authorisation_revoked_again_and_again(storm):
    storm(crm_revokes=0.3)


def test_f23_a_crm_that_is_too_busy_half_the_time(storm):
    storm(crm_busy=0.5)


@pytest.mark.parametrize("case", CASES_THAT_LOOK, ids=str)
def test_f24_zoho_commits_then_fails(storm, case):
    storm(case, crm_fails_after_commit=0.25, crm_lost_after_commit=0.25)


def test_f29_a_table_that_throttles_conflicts_and_loses_answers(storm):
    storm(table_throttled=0.05, table_conflict=0.3, table_answer_lost=0.1)


def test_f30_a_queue_that_refuses_half_of_what_it_is_sent(storm):
    storm(queue_refuses=0.3, queue_answer_lost=0.2, reconciles=False)


def test_f31_every_message_delivered_again(storm):
    storm(message_redelivered=0.9)


@pytest.mark.parametrize("case", CASES_THAT_LOOK, ids=str)
def test_f32_workers_that_die_in_mid_batch(storm, case):
    storm(case, crash=0.05)


def test_f34_f35_a_poisoned_call_holds_up_no_other_and_comes_back_beside_live_traffic(seed, judged):
    world, fold = World(seed), functions.workers.record_event.fold
    poisoned = []

    def stumbles(tenant, event):
        if not poisoned:
            poisoned.append(event.call_id)
        if event.call_id in poisoned:
            raise RuntimeError("poison")
        return fold(tenant, event)

    with world.in_place():
        with mock.patch.object(functions.workers.record_event, "fold", stumbles):
            for _ in range(10):
                world.place_call()
                world.pass_seconds(2)
            world.pass_seconds(2 * 3600)
        assert {message.group for message in world.events.dead} == set(poisoned)
        logged = {row["call_id"] for row in world.table.rows.values() if row.get("crm_call_id")}
        assert len(logged) >= 5

        for _ in range(10):
            world.place_call()
            world.pass_seconds(1)
            world.events.redrive()
        world.rest()
    judged(world)


def test_f36_a_bucket_that_refuses_half_the_time(storm):
    storm(bucket_refuses=0.5)


@pytest.mark.parametrize("case", [*CASES_THAT_LOOK, Case("plain", unknown_caller="lead"), *OTHERS], ids=str)
def test_f42_two_workers_on_everything(storm, case):
    storm(case, workers_at_once=1.0)


@pytest.mark.parametrize("case", [Case(), *OTHERS], ids=lambda case: case.pbx)
def test_f43_every_click_twice_at_once_and_again_later(storm, case):
    calls = 150 if case.pbx == "virtualats" else 40
    storm(case, calls, click_repeated=1.0, pbx_lost_after_commit=0.2, pbx_lost=0.2)


def test_f44_a_campaign_is_as_it_was_last_asked_to_be(seed, judged):
    """Created, switched and deleted again and again, by two at once, with answers lost on the way."""
    rates = {"pbx_fails": 0.1, "pbx_lost": 0.1, "pbx_lost_after_commit": 0.2, "click_repeated": 0.5}
    world, dice = World(seed, Case(pbx="verimor"), rates=rates), random.Random(seed)
    switch, delete = functions.campaigns.update_campaign.handler, functions.campaigns.delete_campaign.handler
    with world.in_place():
        world.place_call()
        while not (campaigns := world.pbx.campaigns.all()):
            world.create_campaign()
            world.pass_seconds(60)
        path = {"campaign_id": f"verimor:{campaigns[0].campaign_id}"}

        def until_it_answers(handler, event):
            while (answer := world.invoke("button", handler, event)) is None or answer["statusCode"] >= 300:
                world.pass_seconds(5)
            return answer["statusCode"]

        for status in [dice.choice(("on", "off")) for _ in range(20)]:
            event = http("campaigns/update_campaign", path=path, body={"status": status})
            world.turns.together(
                lambda event=event: world.invoke("button", switch, event),
                lambda event=event: world.invoke("second button", switch, event),
            )
            assert until_it_answers(switch, event) == 200
            assert campaigns[0].is_on == (status == "on")

        event = http("campaigns/delete_campaign", path=path)
        assert [until_it_answers(delete, event) for _ in range(3)] == [204, 204, 204]
        assert world.pbx.campaigns.all() == []
        world.rest()
    found = judged(world)
    assert found.injected > 0
