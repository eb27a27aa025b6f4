"""The doctor on the running system: green when all is well, red by name when it is not."""

import json
import uuid

import pytest
from typer.testing import CliRunner

from operations.__main__ import app


@pytest.fixture
def examined(as_integrator, company):
    """Run the doctor; return its exit status, and what it says by name."""

    def examine():
        result = CliRunner().invoke(app, ["doctor", "--json"])
        return result.exit_code, {it["name"]: it for it in json.loads(result.stdout)["checks"]}

    return examine


def test_a_well_company_is_green_and_what_breaks_is_red_with_its_fix(examined, company):
    status, well = examined()
    assert [name for name, it in well.items() if it["level"] == "failed"] == []
    assert status == 0
    assert {"api", "webhook virtualats", "webhook verimor campaigns", "account roles"} <= well.keys()

    secrets = company.sandbox.root.secrets
    names = company.sandbox.stack.secret_names
    wapcrm = secrets.get_secret_value(SecretId=names["wapcrm"])["SecretString"]
    company.zoho.revoke_refresh_token()
    company.zoho.expire_access_tokens()
    secrets.put_secret_value(
        SecretId=names["wapcrm"],
        SecretString=json.dumps({**json.loads(wapcrm), "secret_key": "nobody-knows"}),
    )
    company.sandbox.root.sqs.send_message(
        QueueUrl=company.sandbox.ready["events_dlq_url"],
        MessageBody="{}",
        MessageGroupId="virtualats:1",
        # The queue forgets for five minutes what it has had, from whichever test.
        MessageDeduplicationId=uuid.uuid4().hex,
    )
    try:
        status, broken = examined()
    finally:
        company.zoho.restore_refresh_token()
        secrets.put_secret_value(SecretId=names["wapcrm"], SecretString=wapcrm)

    red = {name for name, it in broken.items() if it["level"] == "failed"}
    assert status == 1
    assert red == {"wapcrm", "zoho", "events dead letters"}
    assert "secret wapcrm" in broken["wapcrm"]["fix"]
    assert "secret zoho" in broken["zoho"]["fix"]
    assert "operations redrive" in broken["events dead letters"]["fix"]
