"""python -m sandbox.rehearsal: AWS, the providers and Zoho on this machine, to deploy tenants to as to the real ones.

What was built is deployed by `sam deploy` itself, and the embedded AWS runs it: functions, queues, schedules, roles. It
lacks the front door alone: its HTTP APIs have no routes, and addresses that no resolver knows. So the gateway of the
sandbox stands before them, and `template` writes its address into what is built, where AWS would put the API's.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import threading
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import boto3
from botocore.exceptions import ClientError

from sandbox.aws import EmbeddedAws
from sandbox.gateway import Gateway
from sandbox.intrinsics import load_yaml
from sandbox.runtime import Answer, Failure, Outcome
from sandbox.system import ROOT, TEMPLATE
from sandbox.template import REGION, Template
from sandbox.tenant import DEMO, Outside, outside_of
from sandbox.web import Listener, Request, Response, json_response, message
from simulators.serving import serving

FOLDER = ROOT / ".local" / "rehearsal"
TENANTS = ("acme", "globex")
_VARIABLE = "SANTRAL_REHEARSAL"
# Made up by `secrets set`. So would be VirtualATS' crm_api_key, but its simulator was given one already.
_OURS = ("webhook_tokens",)


class Rehearsal:
    """The machinery, from its construction until `stop`. Its folder takes logs, and a file per provider and tenant."""

    def __init__(self, folder: Path, tenants: tuple[str, ...] = TENANTS) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.outside: dict[str, Outside] = {}
        self._doors: dict[str, Listener] = {}
        self._lock = threading.Lock()
        self._running = ExitStack()
        with ExitStack() as starting:
            self.aws = EmbeddedAws(self.folder)
            starting.callback(self.aws.stop)
            self._desk = Listener(0)
            starting.callback(self._desk.stop)
            for tenant in tenants:
                self._open_accounts(tenant, starting)
            self.aws.wait_until_healthy()
            self._desk.serve(self._tell_address)
            self._running = starting.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        for door in self._doors.values():
            door.stop()
        self._running.close()

    @property
    def environment(self) -> dict[str, str]:
        """What a shell needs to know for its commands to come here."""
        return {
            _VARIABLE: self._desk.url,
            "AWS_ENDPOINT_URL": self.aws.endpoint,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "SANTRAL_SAMCONFIG": str(self.folder / "samconfig.toml"),
        }

    def address(self, stack: str) -> str:
        """Where a stack's API is reached, whether it is deployed by now or not."""
        with self._lock:
            if stack not in self._doors:
                self._doors[stack] = Listener(0)
                self._doors[stack].serve(_Door(stack, self.aws))
            return self._doors[stack].url

    def _tell_address(self, request: Request) -> Response:
        stack = request.path.removeprefix("/")
        return json_response(200, {"address": self.address(stack)}) if stack else message(404, "Not Found")

    def _open_accounts(self, tenant: str, starting: ExitStack) -> None:
        """Serve each provider's simulator, and write down what the provider would tell its customer."""
        outside = self.outside[tenant] = outside_of(DEMO)
        for simulator in outside.simulators.values():
            starting.enter_context(serving(simulator))
        folder = self.folder / tenant
        folder.mkdir(exist_ok=True)
        for name, secret in outside.secrets().items():
            if name in outside.simulators:
                told = {key: value for key, value in secret.items() if key not in _OURS}
                (folder / f"{name}.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        (folder / "users.csv").write_text(_users(), encoding="utf-8")


def _users() -> str:
    """The demo's users as `operations users import` takes them."""
    rows = [(user["email"], *user["extensions"]["virtualats"], user["language"]) for user in DEMO.users]
    return "\n".join(["email,virtualats,language", *map(",".join, rows)]) + "\n"


class _Door:
    """The HTTP API of one stack, before the functions the embedded AWS runs."""

    def __init__(self, stack: str, aws: EmbeddedAws) -> None:
        self._stack = stack
        self._lambda = boto3.client("lambda", endpoint_url=aws.endpoint, **_ROOT)
        self._cloudformation = boto3.client("cloudformation", endpoint_url=aws.endpoint, **_ROOT)
        self._functions: Mapping[str, str] = {}
        self._gateway: Gateway | None = None
        self._of_parameters: Mapping[str, str] = {}

    def __call__(self, request: Request) -> Response:
        try:
            (told,) = self._cloudformation.describe_stacks(StackName=self._stack)["Stacks"]
        except ClientError:
            return message(503, "Service Unavailable")  # it is not deployed yet
        return self._gateway_of({it["ParameterKey"]: it["ParameterValue"] for it in told["Parameters"]})(request)

    def _gateway_of(self, parameters: Mapping[str, str]) -> Gateway:
        """The gateway of the stack as it is deployed now: a provider that is switched on brings routes along."""
        if self._gateway is None or self._of_parameters != parameters:
            resources = self._cloudformation.describe_stack_resources(StackName=self._stack)["StackResources"]
            self._functions = {it["LogicalResourceId"]: it["PhysicalResourceId"] for it in resources}
            self._gateway = Gateway(Template(TEMPLATE, parameters).http_api, self._invoke)
            self._of_parameters = parameters
        return self._gateway

    def _invoke(self, function: str, event: Mapping[str, Any]) -> Outcome:
        answer = self._lambda.invoke(FunctionName=self._functions[function], Payload=json.dumps(event).encode())
        payload = answer["Payload"].read()
        return Failure("error", payload) if answer.get("FunctionError") else Answer(payload)


_ROOT: dict[str, Any] = {"region_name": REGION, "aws_access_key_id": "test", "aws_secret_access_key": "test"}


def with_address(built: Path, stack: str, address: str) -> Path:
    """Write a built template beside itself with an address for its API, and return where."""
    template = _with_address(load_yaml(built.read_text(encoding="utf-8")), address)
    file = built.with_name(f"{stack}.rehearsal.json")
    file.write_text(json.dumps(template), encoding="utf-8")
    return file


def _with_address(node: Any, address: str) -> Any:
    match node:
        case {"Fn::GetAtt": ["Api", "ApiEndpoint"] | "Api.ApiEndpoint"}:
            return address
        case dict():
            return {key: _with_address(value, address) for key, value in node.items()}
        case list():
            return [_with_address(value, address) for value in node]
    return node


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox.rehearsal", description=__doc__.partition("\n")[0])
    parts = parser.add_subparsers(dest="part")
    template = parts.add_parser("template", help="give the API in a built template its address; print the new file")
    template.add_argument("stack")
    template.add_argument("built", type=Path)
    arguments = parser.parse_args()
    if arguments.part == "template":
        with urllib.request.urlopen(f"{os.environ[_VARIABLE]}/{arguments.stack}", timeout=10) as answer:
            print(with_address(arguments.built, arguments.stack, json.load(answer)["address"]))
        return 0
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    shutil.rmtree(FOLDER, ignore_errors=True)
    with Rehearsal(FOLDER) as rehearsal:
        print("In another terminal:\n")
        print("export " + " \\\n       ".join(f"{name}={value}" for name, value in rehearsal.environment.items()))
        print(f"\nThen go by docs/onboarding.md with {' and '.join(TENANTS)}.", end=" ")
        print(f"What their providers would tell them is in {FOLDER.relative_to(ROOT)}/<tenant>/<provider>.json.")
        print("Ctrl-C stops it all and forgets everything.", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
