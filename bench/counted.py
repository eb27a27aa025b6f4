"""Any function, with its requests to AWS counted, each try of each: the answer carries how many there were."""

import importlib
import os
from collections.abc import Callable
from functools import cache
from typing import Any

from santral.store.aws import session

_sent: list[str] = []


def _note(**told: Any) -> None:
    _sent.append(told["event_name"].removeprefix("before-send."))


session().register("before-send", _note)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    _sent.clear()
    answer = _counted()(event, context)
    return {"answer": answer, "aws_calls": list(_sent)}


@cache
def _counted() -> Callable[[dict[str, Any], Any], Any]:
    module, _, name = os.environ["COUNTED_HANDLER"].rpartition(".")
    counted: Callable[[dict[str, Any], Any], Any] = getattr(importlib.import_module(module), name)
    return counted
