from threading import Barrier

from santral.errors import Busy, NotConfigured
from santral.health import summed_up
from santral.health.findings import Finding, Level, Look, checks, failed, warning
from santral.sentences import say

GOOD = Finding(say("Well."))


def broken():
    raise ZeroDivisionError("ours")


def refused():
    raise NotConfigured("empty", sentence=say("It is not set up."))


def busy():
    raise Busy("429", system="zoho")


def test_a_look_that_fails_by_our_own_trouble_is_red_with_its_fix_and_takes_no_other_down():
    told = {it.name: it for it in checks([Look("first", broken), Look("second", lambda: GOOD)], "en")}

    assert (told["first"].level, told["first"].ok) == (Level.FAILED, False)
    assert "ZeroDivisionError" in told["first"].sentence
    assert "report it" in told["first"].fix
    assert told["second"].ok


def test_what_needs_a_part_that_failed_is_not_looked_at_nor_what_needs_that():
    looks = [Look("a", refused), Look("b", broken, needs="a"), Look("c", broken, needs="b"), Look("d", lambda: GOOD)]

    assert [it.name for it in checks(looks, "en")] == ["a", "d"]


def test_a_system_that_lets_us_wait_holds_no_other_up():
    both_asked = Barrier(2, timeout=10)

    def waits_for_the_other():
        both_asked.wait()
        return GOOD

    looks = [Look("a", waits_for_the_other, system="a"), Look("b", waits_for_the_other, system="b")]

    assert [it.ok for it in checks(looks, "en")] == [True, True]


def test_parts_are_told_in_their_order_whichever_was_seen_first():
    looks = [Look("a", lambda: GOOD, system="slow"), Look("b", lambda: GOOD), Look("c", lambda: GOOD, system="slow")]

    assert [it.name for it in checks(looks, "en")] == ["a", "b", "c"]


def test_each_error_has_its_own_fix():
    told = {it.name: it for it in checks([Look("zoho", refused), Look("zoho scopes", busy)], "en")}

    assert "secret zoho" in told["zoho"].fix
    assert "busy in the log" in told["zoho scopes"].fix


def test_only_what_failed_makes_the_whole_red():
    amber = [Look("a", lambda: warning(say("Soon.")))]
    red = [*amber, Look("b", lambda: failed(say("Broken."), fix=say("Mend it.")))]

    assert summed_up(list(checks(amber, "en"))).ok
    assert not summed_up(list(checks(red, "en"))).ok


def test_it_is_told_in_the_language_asked_for():
    [told] = checks([Look("zoho", refused)], "tr")

    assert told.fix != next(iter(checks([Look("zoho", refused)], "en"))).fix
