"""What a function imports is paid for at every cold start (docs/adr/0029, `make bench ONLY=cold`)."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
# Never needed at import, and dear: the X-Ray SDK alone costs a quarter of a second even when it is switched off.
NEVER = ("aws_xray_sdk", "boto3", "gettext", "s3transfer", "aws_lambda_powertools.event_handler",
         "aws_lambda_powertools.utilities.parser", "phonenumbers", "requests", "urllib3", "botocore.session",
         "santral.wire", "simulators", "sandbox")  # fmt: skip
S3 = ("santral.store.recordings", "santral.store.quarantine")
SQS = ("santral.store.queue",)
CRM = ("santral.zoho", "santral.crm")
PROVIDERS = ("santral.providers.virtualats", "santral.providers.wapcrm")


@cache
def imported(module):
    code = f"import sys, json; import {module}; print(json.dumps(sorted(sys.modules)))"
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'layers' / 'santral'}:{ROOT}"}
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment, cwd=ROOT)
    return json.loads(out.stdout)


@pytest.mark.parametrize(
    ("module", "unused"),
    [
        ("functions.calls.dial", (*S3, *SQS, *CRM, *PROVIDERS, "aws_lambda_powertools.utilities.batch")),
        ("functions.calls.get_call", (*S3, *SQS, *CRM, *PROVIDERS)),
        ("functions.calls.list_calls", (*S3, *SQS, *CRM, *PROVIDERS)),
        ("functions.calls.get_recording", (*SQS, *CRM, *PROVIDERS)),
        ("functions.calls.open_recording", (*SQS, *CRM, *PROVIDERS)),
        ("functions.messages.send", (*S3, *SQS, *CRM, *PROVIDERS)),
        ("functions.webhooks.virtualats", (*S3, *SQS, *CRM, *PROVIDERS)),
        ("functions.tenant.authorizer", (*S3, *SQS, *CRM, *PROVIDERS)),
        ("functions.tenant.status", (*S3, *PROVIDERS)),
        ("functions.workers.record_event", (*S3, *SQS, *PROVIDERS)),
        ("functions.workers.retry_pending", (*S3, *SQS, *PROVIDERS)),
        ("functions.workers.reconcile_calls", (*S3, *SQS, *CRM, *PROVIDERS)),
        ("functions.workers.archive_recording", (*SQS, *CRM, *PROVIDERS)),
    ],
)
def test_a_function_imports_nothing_it_does_not_use(module, unused):
    assert among(imported(module), unused) == []


def among(names, refused):
    return [name for name in names for other in refused if name == other or name.startswith(other + ".")]


# The most modules a function loads before its first event, beside Python's own: half of them are pydantic's. One more
# takes a quarter of a millisecond of every cold start. Whoever needs more raises a number here, and says why.
BUDGET = 150
BUDGETS = {
    # They write calls into the CRM, and look at everything: the whole of santral.crm and santral.zoho.
    "functions.tenant.status": 175,
    "functions.workers.record_event": 175,
    "functions.workers.retry_pending": 175,
}
FUNCTIONS = sorted(
    ".".join(file.relative_to(ROOT).with_suffix("").parts) for file in (ROOT / "functions").glob("*/*.py")
)


@pytest.mark.parametrize("module", FUNCTIONS)
def test_a_function_keeps_to_its_import_budget(module):
    loaded = imported(module)

    assert among(loaded, NEVER) == []
    assert len([name for name in loaded if name.partition(".")[0] not in sys.stdlib_module_names]) <= BUDGETS.get(
        module, BUDGET
    )


@pytest.mark.parametrize("provider", ["virtualats", "kobikom", "verimor", "wapcrm"])
def test_reading_what_a_provider_tells_loads_nothing_to_ask_it_with(provider):
    loaded = imported(f"santral.providers.{provider}, santral.store.queue, santral.telephony.intake")

    assert among(loaded, ("requests", "urllib3", "botocore.session", "phonenumbers", "santral.wire")) == []


def test_importing_a_function_reads_no_environment_and_makes_no_client():
    code = "import functions.calls.dial, functions.workers.record_event"
    environment = {"PYTHONPATH": f"{ROOT / 'layers' / 'santral'}:{ROOT}", "PATH": os.environ["PATH"]}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=ROOT)
