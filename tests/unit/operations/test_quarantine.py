import pytest

from santral.calls import CallEvent, CallState

EVENT = CallEvent(call_id="virtualats:1", provider="virtualats", state=CallState.ENDED)
BODY = b'{"state": "TELEPORTED"}'


@pytest.fixture
def kept(company):
    return company.tenant.quarantine.keep("virtualats", BODY, "not understood: state")


@pytest.fixture
def is_kept(company):
    def look(quarantine_id):
        row = f"QUARANTINE#{quarantine_id}" in company.tenant.table.rows
        there = any(quarantine_id in version.key for version in company.holdings.versions.contents)
        assert row == there
        return there

    return look


def test_the_list_says_what_and_why(run, kept):
    printed = run("quarantine list").replace("\n", "")

    assert "not understood: state" in printed
    assert "2026-01-15" in printed
    assert "TELEPORTED" not in printed


def test_an_empty_quarantine_says_so(run):
    assert run("quarantine list") == "The quarantine is empty.\n"


def test_what_is_not_understood_yet_stays(run, kept, is_kept, company):
    printed = run("quarantine retry --all")

    assert f"{kept}: stays." in printed
    assert is_kept(kept)
    assert company.tenant.event_queue.sent == []


def test_what_is_understood_after_a_fix_is_queued_and_gone(run, kept, is_kept, company, pbx):
    pbx.understood[BODY] = [EVENT]
    printed = run(f"quarantine retry {kept}")

    assert f"{kept}: understood, 1 queued." in printed
    assert company.tenant.event_queue.sent == [EVENT]
    assert not is_kept(kept)


def test_it_leaves_the_quarantine_only_after_it_is_in_the_queue(run, kept, is_kept, company, pbx, monkeypatch):
    pbx.understood[BODY] = [EVENT]

    def refuse(_event):
        raise RuntimeError("no queue")

    monkeypatch.setattr(company.tenant.event_queue, "send", refuse)
    run("quarantine retry --all", code=1)

    assert is_kept(kept)


def test_what_is_dropped_is_gone_in_all_versions(run, kept, is_kept, company):
    company.tenant.quarantine.keep("virtualats", BODY, "not understood: state, once more")
    assert len(company.holdings.versions.contents) == 2
    run(f"quarantine drop {kept}")

    assert not is_kept(kept)


@pytest.mark.parametrize("command", ["retry", "drop"])
def test_a_dry_run_changes_nothing(run, kept, is_kept, pbx, command):
    pbx.understood[BODY] = [EVENT]
    assert kept in run(f"quarantine {command} --all --dry-run")

    assert is_kept(kept)


@pytest.mark.parametrize("which", ["", "virtualats-of-nobody", "virtualats-1 --all"])
def test_one_says_what_is_meant(run, kept, is_kept, which):
    run(f"quarantine drop {which}", code=2)

    assert is_kept(kept)
