"""A function's processes, as Lambda would run them. No AWS is needed here."""

import threading
import time

import pytest

from sandbox.code import built_code, link_runtime_packages
from sandbox.runtime import Answer, Code, Credentials, Executable, Failure, Pool
from sandbox.template import Function

NEVER = time.time() + 10**6
HANDLERS = """
import os, sys, threading, time

running = 0

def process(event, context):
    return os.getpid()

def slow(event, context):
    time.sleep(event)
    return os.getpid()

def noisy(event, context):
    print(event)
    sys.stderr.write(event.upper())

def fail(event, context):
    raise LookupError(event)

def leave(event, context):
    os._exit(7)

def context(event, context):
    return [context.function_name, context.memory_limit_in_mb, context.invoked_function_arn,
            context.get_remaining_time_in_millis()]

def unreadable(event, context):
    return {1, 2}

def sized(event, context):
    return "x" * event
"""


@pytest.fixture
def pool_of(tmp_path):
    pools = []
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "handlers.py").write_text(HANDLERS)

    def make(handler, *, timeout=10.0, limit=4, code=None):
        function = Executable(
            name="F",
            handler=handler,
            arn="arn:aws:lambda:eu-central-1:000000000000:function:santral-F",
            code=code or Code(tmp_path / "code", (tmp_path / "code",)),
            environment={},
            timeout=timeout,
            memory=256,
            log=tmp_path / "F.log",
        )
        pools.append(Pool(function, lambda: Credentials("a", "s", "t", NEVER), limit))
        return pools[-1]

    yield make
    for pool in pools:
        pool.stop()


def in_parallel(pool, *events):
    outcomes = [None] * len(events)

    def invoke(position, event):
        outcomes[position] = pool.invoke(event)

    threads = [threading.Thread(target=invoke, args=it) for it in enumerate(events)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [outcome.json() for outcome in outcomes]


def test_a_process_is_kept_warm(pool_of):
    pool = pool_of("handlers.process")

    assert pool.invoke({}).json() == pool.invoke({}).json()


def test_each_concurrent_invocation_has_a_process_of_its_own(pool_of):
    assert len(set(in_parallel(pool_of("handlers.slow"), 0.4, 0.4, 0.4))) == 3


def test_no_more_run_at_once_than_the_limit(pool_of):
    pool = pool_of("handlers.slow", limit=2)

    in_parallel(pool, 0.1, 0.1, 0.1, 0.1, 0.1)

    assert len(pool.process_ids()) == 2


def test_a_failing_handler_says_what_it_raised_and_keeps_its_process(pool_of):
    pool = pool_of("handlers.fail")

    first = pool.invoke("lost")
    processes = pool.process_ids()
    pool.invoke("lost again")

    assert isinstance(first, Failure)
    assert first.kind == "error"
    assert (first.json()["errorType"], first.json()["errorMessage"]) == ("LookupError", "lost")
    assert pool.process_ids() == processes


def test_a_handler_that_takes_too_long_is_killed_and_the_next_starts_anew(pool_of, tmp_path):
    pool = pool_of("handlers.slow", timeout=1)

    timed_out = pool.invoke(30)

    assert isinstance(timed_out, Failure)
    assert timed_out.kind == "timeout"
    assert "Task timed out after 1.00 seconds" in (tmp_path / "F.log").read_text()
    assert pool.process_ids() == []
    assert isinstance(pool.invoke(0), Answer)


def test_a_process_that_ends_is_a_failure_and_the_next_starts_anew(pool_of):
    pool = pool_of("handlers.leave")

    for _ in range(2):
        gone = pool.invoke({})
        assert isinstance(gone, Failure)
        assert gone.kind == "exit"
        assert "status 7" in gone.json()["errorMessage"]


@pytest.mark.parametrize(
    ("handler", "error"),
    [("nowhere.handler", "Runtime.ImportModuleError"), ("handlers.nothing", "Runtime.HandlerNotFound")],
)
def test_code_that_does_not_load_is_a_failure(pool_of, handler, error):
    outcome = pool_of(handler).invoke({})

    assert isinstance(outcome, Failure)
    assert outcome.kind == "init"
    assert outcome.json()["errorType"] == error


def test_an_answer_that_is_no_json_is_the_handlers_error(pool_of):
    outcome = pool_of("handlers.unreadable").invoke({})

    assert isinstance(outcome, Failure)
    assert outcome.json()["errorType"] == "Runtime.MarshalError"


def test_an_answer_over_6_megabytes_is_refused(pool_of):
    pool = pool_of("handlers.sized")

    assert isinstance(pool.invoke(6 * 1024 * 1024), Answer)
    refused = pool.invoke(7 * 1024 * 1024)

    assert isinstance(refused, Failure)
    assert refused.kind == "size"
    assert isinstance(pool.invoke(1), Answer)


def test_the_context_tells_the_function_about_itself(pool_of):
    name, memory, arn, remaining = pool_of("handlers.context").invoke({}).json()

    assert (name, memory, arn) == ("santral-F", "256", "arn:aws:lambda:eu-central-1:000000000000:function:santral-F")
    assert 0 < remaining <= 10_000


def test_what_a_function_prints_is_in_its_log_and_harms_nothing(pool_of, tmp_path):
    assert isinstance(pool_of("handlers.noisy").invoke("sentence"), Answer)

    log = (tmp_path / "F.log").read_text()
    assert "sentence" in log
    assert "SENTENCE" in log


def test_stopping_ends_what_is_running(pool_of):
    pool = pool_of("handlers.slow", timeout=60)
    outcomes = []
    thread = threading.Thread(target=lambda: outcomes.append(pool.invoke(60)))
    thread.start()
    while not pool.process_ids():
        time.sleep(0.01)

    pool.stop()
    thread.join()

    assert isinstance(outcomes[0], Failure)
    assert pool.process_ids() == []


@pytest.fixture
def build(tmp_path):
    """What `sam build` leaves of one function and one layer."""
    artefact, layer = tmp_path / "build" / "F", tmp_path / "build" / "Layer"
    (artefact / "functions").mkdir(parents=True)
    (artefact / "functions" / "f.py").write_text(
        "import sys\n"
        "import words\n"
        "def handler(event, context):\n"
        "    try:\n"
        "        __import__(event)\n"
        "    except ImportError as error:\n"
        "        return str(error)\n"
        "    return sys.modules[event].__file__\n"
    )
    (layer / "python").mkdir(parents=True)
    (layer / "python" / "words.py").write_text("")
    function = Function("F", "functions.f.handler", artefact, (layer,), {}, 10, 256, "FRole")
    return built_code(function, link_runtime_packages(tmp_path / "runtime"))


def test_built_code_has_its_layers_and_nothing_of_this_environment(pool_of, build):
    pool = pool_of("functions.f.handler", code=build)

    assert pool.invoke("words").json() == str(build.python_path[1] / "words.py")
    assert pool.invoke("requests").json() == "No module named 'requests'"
    assert pool.invoke("sandbox").json() == "No module named 'sandbox'"


def test_built_code_is_not_written_to(pool_of, build):
    pool_of("functions.f.handler", code=build).invoke("words")

    assert not list(build.folder.parent.rglob("*.pyc"))


def test_built_code_without_its_layer_does_not_load(pool_of, build):
    without = Code(build.folder, (build.python_path[0], build.python_path[2]), build.interpreter_options)

    assert pool_of("functions.f.handler", code=without).invoke("x").json()["errorType"] == "Runtime.ImportModuleError"
