"""Where functions are born to die: each line on stdin is one invocation, run in a process of its own.

A line is `{"module", "event", "seconds", "environment", "dies_at"}`. A step is one call on a port: one AWS request or
one HTTP request. Its boundaries are just before it leaves and just after it was answered; at the boundary numbered
`dies_at` the process ends by `os._exit`, as a killed one does. The answer is one line: what the handler returned, the
boundaries it came by, or null when the process died.
"""

import importlib
import json
import os
import sys
import traceback
from typing import Any

import botocore.client
from requests import Session

import santral.api
import santral.http
import santral.jobs
import santral.telephony.outbox
import santral.telephony.reconcile
import santral.telephony.recordings
import santral.zoho.client  # noqa: F401 (likewise)
from santral.store.aws import client
from tests.fakes.doors import Context

KILLED = 137


def main() -> None:
    # Made before anyone is born: they hold no connection yet, and would cost each process half a second.
    for service in ("dynamodb", "s3", "secretsmanager", "sqs"):
        client(service)  # type: ignore[call-overload]
    for line in sys.stdin:
        order = json.loads(line)
        importlib.import_module(order["module"])
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            _live(order, write)
        os.close(write)
        with os.fdopen(read, encoding="utf-8") as pipe:
            told = pipe.read()
        os.waitpid(child, 0)
        sys.stdout.write((told or "null") + "\n")
        sys.stdout.flush()


def _live(order: dict[str, Any], pipe: int) -> None:
    try:
        os.dup2(2, 1)  # what functions print is no answer
        os.environ.update(order["environment"])
        passed = _count_boundaries(order["dies_at"])
        context = Context()
        context.get_remaining_time_in_millis = lambda: order["seconds"] * 1000  # type: ignore[method-assign]
        returned = sys.modules[order["module"]].handler(order["event"], context)
        os.write(pipe, json.dumps({"returned": returned, "boundaries": passed}).encode())
    except BaseException:  # noqa: BLE001 (the child must never come back into the nursery's loop)
        os.write(pipe, json.dumps({"failed": traceback.format_exc()}).encode())
    os._exit(0)


def _count_boundaries(dies_at: int | None) -> list[str]:
    passed: list[str] = []

    def boundary(name: str) -> None:
        passed.append(name)
        if len(passed) == dies_at:
            os._exit(KILLED)

    def stepping(real: Any, name_of: Any) -> Any:
        def step(self: Any, *args: Any, **how: Any) -> Any:
            name = name_of(*args)
            boundary(f"before {name}")
            try:
                return real(self, *args, **how)
            finally:
                boundary(f"after {name}")

        return step

    aws, http = botocore.client.BaseClient, Session
    aws._make_api_call = stepping(aws._make_api_call, lambda operation, *_: operation)
    http.send = stepping(http.send, lambda request, *_: f"{request.method} {request.path_url.partition('?')[0]}")
    return passed


if __name__ == "__main__":
    main()
