import hashlib
import hmac
import itertools
import json
import time

import pytest

from simulators.faults import CommitThen, Status

WELL_RECEIVED = {"result": "success", "errors": []}


def signature(company, body, *, token=None, secret=None):
    secrets = company.sandbox.secrets["virtualats"]
    token = token or str(int(time.time() * 1000))
    key = (secret or secrets["secret_key"]).encode()
    return f"{secrets['public_key']}:{token}:{hmac.new(key, token.encode() + body, hashlib.sha1).hexdigest()}"


def test_the_documents_sample_is_accepted_as_a_provider_sends_it(company):
    event = company.event(
        callDate="1.01.2026 10:05:36+0300",
        recordConversation=" https://web.vats.az/vats/api/storageFile/download/12345 ",
    )
    body = json.dumps(event, ensure_ascii=False).encode()
    answer = company.webhook(body, headers={"vats-authentication": signature(company, body)})
    company.sandbox.wait_until_idle()

    call = company.get(f"/calls/{company.call_id}").json()
    assert (answer.status_code, answer.json()) == (200, WELL_RECEIVED)
    assert (call["caller_name"], call["talk_seconds"]) == ("Hüseyn", 50)
    assert call["started_at"] == "2026-01-01T07:05:36Z"


def test_our_answer_is_signed_over_its_very_bytes(company):
    answer = company.webhook(company.event())
    secrets = company.sandbox.secrets["virtualats"]
    public_key, token, sign = answer.headers["vats-authentication"].rsplit(":", 2)
    expected = hmac.new(secrets["secret_key"].encode(), token.encode() + answer.content, hashlib.sha1).hexdigest()

    assert (public_key, sign) == (secrets["public_key"], expected)


@pytest.mark.parametrize("forge", ["token", "api key", "no api key", "signature", "stale signature"])
def test_what_is_not_authentic_is_refused_and_nothing_is_queued(company, forge):
    event = company.event()
    headers, token = {}, None
    if forge == "token":
        token = "sandbox-hook-of-someone-else"
    elif forge == "api key":
        event["apiKey"] = "0" * 32
    elif forge == "no api key":
        del event["apiKey"]
    body = json.dumps(event).encode()
    if forge == "signature":
        headers["vats-authentication"] = signature(company, body, secret="not-the-key")
    elif forge == "stale signature":
        headers["vats-authentication"] = signature(company, body, token=str(int((time.time() - 301) * 1000)))
    answer = company.webhook(body, token=token, headers=headers)
    company.sandbox.wait_until_idle()

    assert answer.status_code == 401
    assert company.row(f"CALL#{company.call_id}") is None


@pytest.mark.parametrize("probe", [b"", b"{}", b"  "])
def test_a_probe_is_well_received(company, probe):
    answer = company.webhook(probe)

    assert (answer.status_code, answer.json()) == (200, WELL_RECEIVED)


@pytest.mark.parametrize(
    "body",
    [b"{broken", b"[]", b'"x"', b"\xff\xfe\x00", b"[" * 50_000, b'{"apiKey": 1' * 2, b"x" * 1_000_000],
    ids=["broken", "list", "text", "binary", "deep", "half", "huge"],
)
def test_what_cannot_be_read_is_kept_whole(company, body):
    answer = company.webhook(body)
    bucket = company.sandbox.ready["bucket"]
    kept = company.sandbox.root.s3.list_objects_v2(Bucket=bucket, Prefix="quarantine/").get("Contents", [])

    assert (answer.status_code, answer.json()) == (200, WELL_RECEIVED)
    assert len(kept) == 1


def test_an_unknown_state_is_kept_with_a_reason(company):
    answer = company.webhook(company.event(state="TELEPORTED"))
    bucket = company.sandbox.ready["bucket"]
    [kept] = company.sandbox.root.s3.list_objects_v2(Bucket=bucket, Prefix="quarantine/")["Contents"]
    content = json.loads(company.sandbox.root.s3.get_object(Bucket=bucket, Key=kept["Key"])["Body"].read())

    assert answer.status_code == 200
    assert "state" in content["reason"]
    assert "TELEPORTED" not in content["reason"]


@pytest.mark.parametrize("order", list(itertools.permutations(["NEW", "UPDATE", "HANGUP"])), ids="-".join)
def test_any_order_with_duplicates_is_one_record(company, order):
    told = {
        "NEW": company.event(state="NEW", disposition="RING", duration="0", talkTime="0", answeredNumber=""),
        "UPDATE": company.event(state="UPDATE", duration="25", talkTime="0"),
        "HANGUP": company.event(state="HANGUP"),
    }
    for state in (*order, order[0]):
        assert company.webhook(told[state]).status_code == 200
    company.sandbox.wait_until_idle()
    company.sandbox.fire("RetryPending")

    [logged] = company.logged()
    assert (logged["Call_Type"], logged["Call_Duration"]) == ("Inbound", "00:50")
    assert logged["Owner"]["email"] == "ayse@example.com"
    assert (
        len([commit for commit in company.zoho.commits if commit.module == "Calls" and commit.action == "insert"]) == 1
    )


def test_a_crm_failure_leaves_the_call_due_and_the_schedule_mends_it(company):
    company.zoho.faults.add("/Calls", CommitThen(fault=Status(code=500)), times=None)
    company.webhook(company.event())
    company.sandbox.wait_until_idle()
    company.zoho.faults.clear()
    row = company.row(f"CALL#{company.call_id}")
    assert row["due"]["S"] == "calls"

    table = company.sandbox.ready["table"]
    company.sandbox.root.dynamodb.update_item(
        TableName=table,
        Key={"pk": row["pk"], "sk": row["sk"]},
        UpdateExpression="SET next_attempt_at = :now",
        ExpressionAttributeValues={":now": {"N": "0"}},
    )
    company.sandbox.fire("RetryPending")

    assert len(company.zoho.calls()) == 1
    assert "due" not in company.row(f"CALL#{company.call_id}")
