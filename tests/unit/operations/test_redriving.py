import pytest


@pytest.fixture
def letters(company):
    events, recordings = company.holdings.dead_letters
    for number in range(3):
        events.put(f'{{"n": {number}}}', group="virtualats:1")
    recordings.put('{"call_id": "virtualats:1"}')
    return events, recordings


def test_all_dead_letters_go_home_with_their_group(run, letters):
    printed = run("redrive")

    events, recordings = letters
    assert [(letter.body, letter.group) for letter in events.home] == [
        (f'{{"n": {number}}}', "virtualats:1") for number in range(3)
    ]
    assert [letter.group for letter in recordings.home] == [None]
    assert (events.depth(), recordings.depth()) == (0, 0)
    assert "events: 3 sent back, 0 left." in printed


def test_a_limit_holds_for_each_queue(run, letters):
    assert "events: 2 sent back, 1 left." in run("redrive --limit 2")
    assert len(letters[0].home) == 2


def test_a_dry_run_only_counts(run, letters):
    assert "events: 3 dead letters, 2 would be sent back." in run("redrive --dry-run --limit 2")
    assert letters[0].depth() == 3
    assert not letters[0].in_hand
