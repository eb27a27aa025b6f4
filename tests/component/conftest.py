"""Running pieces for component tests, started once per session and shared.

`sandbox` is the whole system on a free port, with the real template; `fresh_sandbox` is the same one, emptied before
the test. `small_sandbox` runs the small stack beside this file. `embedded_aws` is the real template's table, bucket,
queues, secrets and roles alone, for code that needs AWS but no functions.
"""

from pathlib import Path

import pytest

from sandbox.aws import EmbeddedAws, Stack
from sandbox.system import TEMPLATE, Sandbox
from sandbox.template import Template
from sandbox.tenant import TenantFile
from tests.canaries import leaks

SMALL_STACK = Path(__file__).parent / "stack" / "template.yaml"


def texts(value):
    """Every text in a tenant's secrets but the addresses."""
    match value:
        case str():
            yield value
        case dict():
            for name, part in value.items():
                if name not in ("base_url", "accounts_url", "api_domain", "options", "default_channel_id"):
                    yield from texts(part)
        case list():
            for part in value:
                yield from texts(part)


@pytest.fixture(scope="session")
def embedded_aws(tmp_path_factory):
    """The deployed stack (`sandbox.aws.Stack`): `root` has clients with every right, `session(function)` its role's."""
    aws = EmbeddedAws(tmp_path_factory.mktemp("aws"))
    try:
        template = Template(
            TEMPLATE,
            {
                "tenant": "sandbox",
                **{f"with_{name}": True for name in ("virtual_ats", "kobikom", "verimor", "wap_crm")},
                "require_tls": False,
            },
        )
        aws.wait_until_healthy()
        yield Stack(aws, template, "http://127.0.0.1:9")
    finally:
        aws.stop()


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory):
    """The whole system with the demo tenant (`sandbox.system.Sandbox`). Schedules come due by `fire` only."""
    with Sandbox(tmp_path_factory.mktemp("sandbox"), with_timers=False) as running:
        yield running
        secrets = list(texts(running.secrets))
        found = [leak for function in running.pools for leak in leaks(running.log(function), secrets)]
    assert not found, "\n".join(found)


@pytest.fixture
def fresh_sandbox(sandbox):
    """The sandbox with nothing in its table but the user directory, empty queues, and simulators as new."""
    sandbox.empty()
    return sandbox


@pytest.fixture(scope="session")
def small_sandbox(tmp_path_factory):
    """The small stack with one of everything the sandbox plays."""
    with Sandbox(tmp_path_factory.mktemp("small"), template=SMALL_STACK, tenant=TenantFile(), with_timers=False) as it:
        yield it
