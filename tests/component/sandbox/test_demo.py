"""The real template with the demo tenant: what every newcomer starts with."""

import time

import pytest
import requests
from botocore.exceptions import ClientError


def rows(sandbox, prefix):
    found = sandbox.root.dynamodb.scan(TableName=sandbox.ready["table"])["Items"]
    return [row for row in found if row["pk"]["S"].startswith(prefix)]


def test_everything_is_set_up(fresh_sandbox):
    headers = {"Authorization": f"Bearer {fresh_sandbox.ready['agent_token']}"}

    status = requests.get(f"{fresh_sandbox.url}/status", headers=headers, timeout=30)

    assert status.status_code == 200, status.text
    assert [check for check in status.json()["checks"] if not check["ok"]] == []


def test_the_directory_knows_the_users_by_extension_and_by_their_id_in_the_crm(fresh_sandbox):
    users = {row["pk"]["S"]: row for row in rows(fresh_sandbox, "USER#")}
    extensions = {row["pk"]["S"]: row["email"]["S"] for row in rows(fresh_sandbox, "EXTENSION#")}

    assert set(users) == {"USER#ayse@example.com", "USER#mehmet@example.com", "USER#leyla@example.com"}
    assert extensions == {
        "EXTENSION#virtualats#101": "ayse@example.com",
        "EXTENSION#virtualats#102": "mehmet@example.com",
        "EXTENSION#virtualats#103": "leyla@example.com",
    }
    in_crm = fresh_sandbox.simulators["zoho"].users.by_email("ayse@example.com").id
    assert users["USER#ayse@example.com"]["zoho_user_id"]["S"] == in_crm


def test_a_simulated_call_comes_in_through_the_webhook_and_its_queue(fresh_sandbox):
    call_id = fresh_sandbox.simulators["virtualats"].place_inbound_call(ring_seconds=0.1, talk_seconds=0.1)

    for _ in range(300):
        fresh_sandbox.wait_until_idle()
        if found := rows(fresh_sandbox, f"CALL#virtualats:{call_id}"):
            break
        time.sleep(0.05)

    assert len(found) == 1


def test_emptied_it_keeps_the_users_alone(sandbox):
    sandbox.root.dynamodb.put_item(TableName=sandbox.ready["table"], Item={"pk": {"S": "CALL#x"}, "sk": {"S": "-"}})
    sandbox.root.s3.put_object(Bucket=sandbox.ready["bucket"], Key="recordings/original/x", Body=b"x")
    sandbox.root.sqs.send_message(QueueUrl=sandbox.ready["recordings_dlq_url"], MessageBody="x")

    sandbox.empty()

    assert rows(sandbox, "CALL#") == []
    assert len(rows(sandbox, "USER#")) == 3
    assert sandbox.root.s3.list_objects_v2(Bucket=sandbox.ready["bucket"])["KeyCount"] == 0
    assert "Messages" not in sandbox.root.sqs.receive_message(QueueUrl=sandbox.ready["recordings_dlq_url"])


def test_embedded_aws_alone_enforces_the_rights_of_the_template(embedded_aws):
    table = embedded_aws.outputs["TableName"]

    assert embedded_aws.root.dynamodb.scan(TableName=table)["Count"] == 0
    with pytest.raises(ClientError, match="AccessDenied"):
        embedded_aws.session("GetCall").dynamodb.put_item(
            TableName=table, Item={"pk": {"S": "CALL#x"}, "sk": {"S": "-"}}
        )
