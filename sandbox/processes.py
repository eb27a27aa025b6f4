"""Child processes that end with this one."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

_LIFELINE = Path(__file__).with_name("lifeline.py")


def start_module(
    module: str,
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    log: Path,
    options: Sequence[str] = (),
) -> subprocess.Popen[bytes]:
    """`python -m module`, with this environment alone and its output appended to the log."""
    pipe = _pipe_held_by_this_process()
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-P", *options, str(_LIFELINE), str(pipe), module, *arguments],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=(pipe,),
        )


@cache
def _pipe_held_by_this_process() -> int:
    reading, _writing = os.pipe()  # the writing end stays open as long as this process lives
    return reading
