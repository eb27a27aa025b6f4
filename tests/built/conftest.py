"""What `sam build` makes, built once per run: for this machine, to run it, and for the processor we deploy to."""

import fcntl
import os
import platform
import subprocess
import sys
from contextlib import contextmanager

import pytest

from sandbox.system import Sandbox
from tests.template.stack import ROOT

_HERE = {"x86_64": "x86_64", "aarch64": "arm64"}.get(platform.machine())
# Not .aws-sam/build, from which `sam deploy` takes what it deploys.
_FOLDER = ROOT / ".aws-sam" / "tests"


@contextmanager
def _alone(name):
    """The file of a name, while no other process that runs these tests has it."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with (_FOLDER / name).open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _built_for(architecture, run):
    folder = _FOLDER / architecture
    with _alone(f"{architecture}-built-in") as built_in:
        built_in.seek(0)
        if built_in.read() != run:
            _make(architecture, folder)
            built_in.truncate(0)
            built_in.write(run)
    return folder


def _make(architecture, folder):
    # The make that runs these tests must not hand its own flags down.
    environment = {
        name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    }
    command = ["make", "build", f"ARCH={architecture}", f"OUT={folder}"]
    made = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr


@pytest.fixture(scope="session")
def build(testrun_uid):
    """The folder of the build that this machine can run."""
    if sys.version_info[:2] != (3, 13):
        pytest.skip(
            "What is built for Lambda is built and run by Python 3.13 only; install it, `make clean`, try again."
        )
    if _HERE is None or platform.system() != "Linux":
        pytest.skip("What is built for Lambda runs on Linux only, on x86_64 or arm64.")
    return _built_for(_HERE, testrun_uid)


@pytest.fixture(scope="session")
def arm64_build(build, testrun_uid):
    return build if _HERE == "arm64" else _built_for("arm64", testrun_uid)


@pytest.fixture(scope="session")
def built_sandbox(build, tmp_path_factory):
    """The whole system, with the built functions and layers in place of the source tree."""
    template = build / "template.yaml"
    with Sandbox(tmp_path_factory.mktemp("built"), template=template, built=True, with_timers=False) as running:
        yield running
