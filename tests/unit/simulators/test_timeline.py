import threading

from simulators.timeline import SteppedTime


def test_actions_run_in_order_of_their_due_time_and_see_that_time():
    timeline, seen = SteppedTime(), []
    start = timeline.now()
    timeline.call_later(2, lambda: seen.append(("late", (timeline.now() - start).total_seconds())))
    timeline.call_later(1, lambda: seen.append(("early", (timeline.now() - start).total_seconds())))

    timeline.advance(3)

    assert seen == [("early", 1), ("late", 2)]
    assert (timeline.now() - start).total_seconds() == 3


def test_an_action_may_schedule_another_within_the_same_step():
    timeline, seen = SteppedTime(), []
    timeline.call_later(1, lambda: timeline.call_later(1, lambda: seen.append("second")))

    timeline.advance(2)

    assert seen == ["second"]


def test_what_is_not_due_yet_waits():
    timeline, seen = SteppedTime(), []
    timeline.call_later(2, lambda: seen.append("done"))

    timeline.advance(1.9)

    assert seen == []


def test_waiting_for_an_event_lets_only_as_much_time_pass_as_it_takes():
    timeline, event = SteppedTime(), threading.Event()
    start = timeline.now()
    timeline.call_later(3, event.set)
    timeline.call_later(9, lambda: None)

    assert timeline.wait_for(event, 30)
    assert (timeline.now() - start).total_seconds() == 3


def test_waiting_gives_up_at_its_bound():
    timeline, event = SteppedTime(), threading.Event()
    timeline.call_later(31, event.set)

    assert not timeline.wait_for(event, 30)
