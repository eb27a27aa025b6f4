"""Puts the parts together and takes them apart again."""

from collections.abc import Mapping
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from sandbox.aws import EmbeddedAws, Session, Stack
from sandbox.code import built_code, link_runtime_packages, source_code
from sandbox.delivery import Delivery
from sandbox.directory import write_users
from sandbox.gateway import Gateway
from sandbox.page import Page
from sandbox.runtime import Code, Executable, Outcome, Pool
from sandbox.template import REGION, STACK, Function, Template
from sandbox.tenant import DEMO, Outside, TenantFile, outside_of, settings_of
from sandbox.viewer import Viewer
from sandbox.web import Listener, Request, Response
from sandbox.widget import Widget
from simulators.frame import Simulator
from simulators.kobikom import Kobikom
from simulators.serving import serving
from simulators.verimor import Verimor
from simulators.virtualats import VirtualAts
from simulators.wapcrm import WapCrm
from simulators.zoho.server import ZohoCrm

ROOT = Path(__file__).parent.parent
TEMPLATE = ROOT / "template.yaml"
BUILT_TEMPLATE = ROOT / ".aws-sam" / "build" / "template.yaml"

# What the template would say here: this machine has no TLS between its parts.
_LOCAL_DEFAULTS = {"Tenant": "sandbox", "RequireTls": "false"}
_WEBHOOK_PATHS = {"verimor": "verimor/calls"}
_READY_NAMES = {"table_name": "table", "bucket_name": "bucket"}


class Sandbox:
    """The whole system, from its construction until `stop`. Use it as a context manager.

    `folder` takes the logs; `with_timers=False` leaves schedules to `fire`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        template: Path | None = None,
        built: bool = False,
        tenant: TenantFile = DEMO,
        with_timers: bool = True,
    ) -> None:
        self.folder = folder.resolve()
        self._running = ExitStack()
        self._built = built
        with ExitStack() as starting:
            self._start(
                starting, port, template or (BUILT_TEMPLATE if built else TEMPLATE), tenant, with_timers=with_timers
            )
            self._running = starting.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._running.close()

    @property
    def url(self) -> str:
        return self._listener.url

    @property
    def root(self) -> Session:
        """AWS clients with every right."""
        return self.stack.root

    @property
    def simulators(self) -> Mapping[str, Simulator]:
        return self.outside.simulators

    @cached_property
    def secrets(self) -> Mapping[str, Mapping[str, Any]]:
        """What the stack's secrets hold."""
        return self.outside.secrets()

    @cached_property
    def ready(self) -> dict[str, Any]:
        """What whoever drives the sandbox must know."""
        outputs = {_snake_case(name): value for name, value in self.stack.outputs.items()}
        return {
            "url": self.url,
            "aws_endpoint": self.aws.endpoint,
            "region": REGION,
            "stack": STACK,
            **{_READY_NAMES.get(name, name): value for name, value in outputs.items()},
            "agent_token": self.secrets["api"]["agent_tokens"][0],
            "admin_token": self.secrets["api"]["admin_tokens"][0],
            "webhooks": self._webhooks(),
            "simulators": {name: simulator.url for name, simulator in self.simulators.items()},
            "logs": str(self.folder),
        }

    def invoke(self, function: str, event: Any) -> Outcome:
        """Invoke a function by its logical id, as AWS would."""
        return self.pools[function].invoke(event)

    def fire(self, function: str) -> Outcome:
        """Let the function's schedule come due now."""
        return self.delivery.timers[function].fire()

    def wait_until_idle(self, timeout: float = 60) -> None:
        """Wait until every event has been told, the queues are empty and nothing is being worked on."""
        self.delivery.wait_until_idle(timeout, lambda: any(each.busy for each in self.simulators.values()))

    def redeliver(self) -> None:
        """Let messages whose delivery failed come again now, not after the visibility time-out."""
        self.delivery.redeliver()

    def log(self, function: str) -> str:
        """Everything the function's processes have printed."""
        return self._log_of(function).read_text(encoding="utf-8")

    def empty(self) -> None:
        """Forget all calls, messages and recordings and what the simulators saw; the user directory stays."""
        self.stack.empty(kept=("USER#", "EXTENSION#"))
        for simulator in self.simulators.values():
            simulator.faults.clear()
            simulator.requests.clear()
            match simulator:
                case VirtualAts() | Kobikom():
                    simulator.exchange.forget()
                case Verimor() | WapCrm():
                    simulator.forget()
                case ZohoCrm():
                    simulator.reset()

    def _start(self, starting: ExitStack, port: int, template: Path, tenant: TenantFile, *, with_timers: bool) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._listener = Listener(port)
        starting.callback(self._listener.stop)
        # It needs a second to start, in which the template is read.
        self.aws = EmbeddedAws(self.folder)
        starting.callback(self.aws.stop)
        self.template = Template(template, settings_of(tenant), _LOCAL_DEFAULTS)
        self.outside: Outside = outside_of(tenant)
        for simulator in self.simulators.values():
            starting.enter_context(serving(simulator))
        self.aws.wait_until_healthy()
        self.stack = Stack(self.aws, self.template, self.url)
        self._write_secrets(tenant)
        if tenant.users:
            write_users(tenant.users, self.root, self.stack.outputs["TableName"], self.simulators)
        self.pools = {name: self._pool(function) for name, function in self.template.functions.items()}
        starting.callback(self._stop_pools)
        self.delivery = Delivery(self.template.event_sources, self.template.schedules, self.stack, self.invoke)
        self.delivery.start(with_timers=with_timers)
        starting.callback(self._stop_delivery)
        self._connect_webhooks()
        self._gateway = Gateway(self.template.http_api, self.invoke)
        self._page = Page(self.ready, tenant.users)
        self._viewer = Viewer(self.url, self.template)
        self._widget = Widget(self.url, self.aws.endpoint)
        self._listener.serve(self._answer)
        starting.callback(self._listener.stop)

    def _answer(self, request: Request) -> Response:
        for ours in (self._page, self._widget, self._viewer):
            if ours.serves(request):
                return ours(request)
        return self._gateway(request)

    def _write_secrets(self, tenant: TenantFile) -> None:
        for name, value in self.secrets.items():
            # A stack without permalinks needs no key for them; what the tenant gives must have its place.
            if name in self.stack.secret_names or name in tenant.secrets:
                self.stack.write_secret(name, value)

    def _pool(self, function: Function) -> Pool:
        log = self._log_of(function.name)
        log.touch()
        executable = Executable(
            name=function.name,
            handler=function.handler,
            arn=function.arn,
            code=self._code(function),
            environment={**self.stack.environments[function.name], "AWS_ENDPOINT_URL": self.aws.endpoint},
            timeout=function.timeout,
            memory=function.memory,
            log=log,
            log_format=function.log_format,
        )
        return Pool(executable, lambda: self.stack.credentials(function.name))

    def _code(self, function: Function) -> Code:
        if self._built:
            return built_code(function, link_runtime_packages(self.folder / "runtime"))
        return source_code(function, self.template.folder)

    def _stop_delivery(self) -> None:
        self.delivery.stop()
        # What its pollers wait for is taken away, so that they end at once.
        self._stop_pools()
        self.aws.stop()
        self.delivery.join()

    def _stop_pools(self) -> None:
        for pool in self.pools.values():
            pool.stop()

    def _log_of(self, function: str) -> Path:
        return self.folder / f"{function}.log"

    def _webhooks(self) -> dict[str, str]:
        """Where each provider is to post its events. Campaigns name their own address when they are created."""
        return {
            name: f"{self.url}/webhooks/{_WEBHOOK_PATHS.get(name, name)}/{secret['webhook_tokens'][0]}"
            for name, secret in self.secrets.items()
            if secret.get("webhook_tokens")
        }

    def _connect_webhooks(self) -> None:
        for name, url in self._webhooks().items():
            match self.simulators.get(name):
                case VirtualAts() | WapCrm() as simulator:
                    simulator.notify_crm_at(url)
                case Verimor() as verimor:
                    verimor.notify_at(url)


def _snake_case(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).removeprefix("_")
