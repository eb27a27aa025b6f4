"""What a function imports is paid for at every cold start."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
# Never needed at import, and dear: the X-Ray SDK alone costs a quarter of a second even when it is switched off.
NEVER = ("aws_xray_sdk", "boto3", "botocore.client", "gettext", "s3transfer", "aws_lambda_powertools.event_handler",
         "aws_lambda_powertools.utilities.parser", "requests", "urllib3", "simulators", "sandbox")  # fmt: skip
S3 = ("santral.store.recordings", "santral.store.quarantine")
SQS = ("santral.store.queue",)
CRM = ("santral.zoho", "santral.crm")
PROVIDERS = ("santral.providers.virtualats", "santral.providers.wapcrm")


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
    allowed = ("santral.http",) if module.startswith(("functions.workers", "functions.tenant.status")) else ()
    never = tuple(name for name in NEVER if not (allowed and name in ("requests", "urllib3")))
    found = [
        name
        for name in imported(module)
        for refused in (*never, *unused)
        if name == refused or name.startswith(refused + ".")
    ]

    assert found == []


def test_importing_a_function_reads_no_environment_and_makes_no_client():
    code = "import functions.calls.dial, functions.workers.record_event"
    environment = {"PYTHONPATH": f"{ROOT / 'layers' / 'santral'}:{ROOT}", "PATH": os.environ["PATH"]}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=ROOT)
