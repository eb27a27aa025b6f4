"""Checkov finds nothing in the template but what `.checkov.yaml` declines, and says why."""

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHECKOV = ROOT / ".venv-audit" / "bin" / "checkov"
CONFIG = ROOT / ".checkov.yaml"
_DECLINED = re.compile(r"^  - (CKV_\w+)(?:\s+# (.{20,}))?$", re.MULTILINE)
_OPEN_BUCKET = """
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Everybodys:
    Type: AWS::S3::Bucket
    Properties: {AccessControl: PublicRead}
"""

pytestmark = pytest.mark.skipif(not CHECKOV.exists(), reason="Checkov is not installed: make .venv-audit/installed")


def failed_checks(template, elsewhere):
    # In the project's folder it would find what is declined by itself.
    run = subprocess.run(
        [CHECKOV, "--framework", "cloudformation", "--skip-download", "--output", "json", "--file", template],
        capture_output=True,
        check=False,
        cwd=elsewhere,
        text=True,
    )
    return {check["check_id"] for check in json.loads(run.stdout)["results"]["failed_checks"]}


def test_nothing_is_found_but_what_is_declined_with_a_reason(tmp_path):
    declined = dict(_DECLINED.findall(CONFIG.read_text(encoding="utf-8")))
    assert failed_checks(ROOT / "template.yaml", tmp_path) == declined.keys()
    assert all(declined.values())


def test_a_bucket_that_everybody_may_read_is_found(tmp_path):
    planted = tmp_path / "planted.yaml"
    planted.write_text(_OPEN_BUCKET)
    assert "CKV_AWS_20" in failed_checks(planted, tmp_path)
