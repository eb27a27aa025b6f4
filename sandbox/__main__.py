"""python -m sandbox [--port 8080] [--tenant FILE] [--built]: run it all, print READY, stop at SIGTERM or SIGINT."""

import argparse
import json
import os
import platform
import shutil
import signal
import sys
import threading
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.aws import EmbeddedAwsError
from sandbox.intrinsics import TemplateError
from sandbox.system import BUILT_TEMPLATE, ROOT, Sandbox
from sandbox.tenant import DEMO, TenantFileError, read_tenant_file


class _Stopped(BaseException):
    """Somebody asked us to stop. No Exception, so that nothing on the way takes it for a failure."""


def main() -> int:
    arguments = _arguments()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    if arguments.built and not any(BUILT_TEMPLATE.parent.glob(f"*/python/**/*-{platform.machine()}-*.so")):
        print(f"Nothing is built for this machine: run `make build ARCH={_architecture()}` first.", file=sys.stderr)
        return 1
    folder = _folder_for_logs()
    try:
        tenant = read_tenant_file(arguments.tenant) if arguments.tenant else DEMO
        with Sandbox(folder, port=arguments.port, built=arguments.built, tenant=tenant) as sandbox:
            print("READY", json.dumps(sandbox.ready), flush=True)
            print(f"Open {sandbox.url}/ and press the buttons; Ctrl-C stops it all.", file=sys.stderr, flush=True)
            threading.Event().wait()
    except _Stopped:
        shutil.rmtree(folder, ignore_errors=True)
        return 0
    except (TenantFileError, TemplateError, EmbeddedAwsError, ClientError, BotoCoreError, OSError) as error:
        print(f"The sandbox cannot start: {error}", file=sys.stderr)
    return 1


def _architecture() -> str:
    return "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="The whole system on this machine.")
    parser.add_argument("--port", type=int, default=8080, help="where to serve; 0 takes a free port (default: 8080)")
    parser.add_argument("--tenant", type=Path, metavar="FILE", help="settings, secrets and users instead of the demo's")
    parser.add_argument("--built", action="store_true", help="run the artefacts of `sam build`")
    return parser.parse_args()


def _folder_for_logs() -> Path:
    """This process's own folder; those that crashed ones left are taken away."""
    folders = ROOT / ".local" / "sandbox"
    for left in folders.glob("[0-9]*"):
        try:
            os.kill(int(left.name), 0)
        except ProcessLookupError:
            shutil.rmtree(left, ignore_errors=True)
        except PermissionError:
            continue  # somebody else's, and running
    return folders / str(os.getpid())


def _stop(*_: object) -> None:
    # Once is enough: a second signal must not interrupt the cleaning up.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    raise _Stopped


if __name__ == "__main__":
    sys.exit(main())
