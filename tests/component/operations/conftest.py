"""The commands as an integrator runs them, against the running system."""

import boto3
import pytest
from typer.testing import CliRunner

from operations.__main__ import app
from operations.company import company as found
from santral.store.aws import forget_clients
from tests.component.pipeline.conftest import company  # noqa: F401 (a fixture)


@pytest.fixture
def as_integrator(sandbox, monkeypatch):
    """Have AWS's clients reach the sandbox's AWS with every right."""
    for name, value in {
        "AWS_ENDPOINT_URL": sandbox.ready["aws_endpoint"],
        "AWS_DEFAULT_REGION": sandbox.ready["region"],
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "SANTRAL_STACK": sandbox.ready["stack"],
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    _forget_credentials()
    yield
    _forget_credentials()


def _forget_credentials():
    """Sessions keep the credentials they found first."""
    boto3.setup_default_session()
    forget_clients()


@pytest.fixture
def run(as_integrator):
    """Run a command and return what it prints, its lines unfolded."""

    def command(line):
        result = CliRunner().invoke(app, line.split(), env={"COLUMNS": "200"})
        assert result.exit_code == 0, (result.output, result.exception)
        return result.output

    return command


@pytest.fixture
def here(as_integrator, sandbox):
    """The company as the commands find it."""
    return found(sandbox.ready["stack"])
