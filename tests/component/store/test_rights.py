"""The store under each function's own role: what it may do, and what it may not."""

import pytest
import requests
from botocore.exceptions import ClientError

from santral.calls import CallEvent, CallState
from santral.errors import Unanswered
from santral.store.aws import client
from santral.store.quarantine import S3Shelf
from santral.store.queue import EventQueue, RecordingQueue, depth
from santral.store.recordings import S3Recordings
from santral.store.secrets import SecretsManager
from santral.store.table import DynamoTable

EVENT = CallEvent(call_id="virtualats:1", provider="virtualats", state=CallState.ENDED)


@pytest.fixture
def named(embedded_aws):
    return embedded_aws.outputs


def refused(act):
    with pytest.raises(ClientError) as error:
        act()
    return error.value.response["Error"]["Code"].startswith("AccessDenied")


def test_the_webhook_queues_events_keeps_what_it_does_not_understand_and_no_more(as_function, named):
    as_function("VirtualAtsWebhook")
    EventQueue(named["EventsQueueUrl"]).send(EVENT)
    S3Shelf(named["BucketName"]).put("quarantine/x.json", b"{}")

    assert refused(lambda: S3Shelf(named["BucketName"]).put("recordings/x", b""))
    assert refused(lambda: RecordingQueue(named["RecordingsQueueUrl"]).send("virtualats:1"))
    assert refused(lambda: DynamoTable(named["TableName"]).get("CALL#1"))
    assert refused(lambda: SecretsManager("sandbox").read("zoho"))


def test_a_function_without_the_crm_cannot_read_its_keys(as_function, embedded_aws):
    for function in ("Dial", "SendMessage", "GetCall", "ListCalls", "ArchiveRecording"):
        as_function(function)
        assert refused(lambda: SecretsManager("sandbox").read("zoho")), function


def test_only_the_authorizer_reads_the_apis_tokens(as_function, embedded_aws):
    for function in embedded_aws.environments:
        as_function(function)
        if function == "Authorizer":
            assert SecretsManager("sandbox").read("api") is None
        else:
            assert refused(lambda: SecretsManager("sandbox").read("api")), function


def test_each_provider_is_read_by_those_who_use_it(as_function, embedded_aws):
    embedded_aws.write_secret("wapcrm", {"secret_key": "0123456789"})
    as_function("SendMessage")

    assert SecretsManager("sandbox").read("wapcrm") == '{"secret_key": "0123456789"}'
    assert refused(lambda: SecretsManager("sandbox").read("virtualats"))


def test_nobody_scans_deletes_or_drops_anything(as_function, embedded_aws, named):
    for function in embedded_aws.environments:
        as_function(function)
        assert refused(lambda: client("dynamodb").scan(TableName=named["TableName"])), function
        assert refused(
            lambda: client("dynamodb").delete_item(
                TableName=named["TableName"], Key={"pk": {"S": "CALL#1"}, "sk": {"S": "-"}}
            )
        ), function
        assert refused(lambda: client("s3").delete_object(Bucket=named["BucketName"], Key="recordings/x")), function


def test_only_what_has_quotas_raises_counters(as_function, embedded_aws, named):
    def raised():
        client("dynamodb").update_item(
            TableName=named["TableName"],
            Key={"pk": {"S": "QUOTA#test"}, "sk": {"S": "-"}},
            UpdateExpression="ADD counted :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )

    for function in embedded_aws.environments:
        as_function(function)
        if function in ("Dial", "SendMessage"):
            raised()
        else:
            assert refused(raised), function


def test_a_recording_is_written_as_a_stream_and_read_through_a_link(as_function, named):
    chunks = [bytes([number]) * 1_000_000 for number in range(20)]
    as_function("ArchiveRecording")
    stored = S3Recordings(named["BucketName"]).write(
        "recordings/original/x.wav", iter(chunks), content_type="audio/wav", size=20_000_000
    )
    as_function("OpenRecording")
    link = S3Recordings(named["BucketName"]).link(
        "recordings/original/x.wav", content_type="audio/wav", file_name="x.wav"
    )

    whole = requests.get(link, timeout=10)
    part = requests.get(link, headers={"Range": "bytes=5-9"}, timeout=10)
    assert (whole.content, stored.size) == (b"".join(chunks), 20_000_000)
    assert (whole.headers["content-type"], whole.headers["content-disposition"]) == (
        "audio/wav",
        'inline; filename="x.wav"',
    )
    assert (part.status_code, part.content) == (206, b"\0" * 5)


def test_a_stream_cut_short_leaves_no_object_and_no_parts(as_function, embedded_aws, named):
    as_function("ArchiveRecording")
    with pytest.raises(Unanswered):
        S3Recordings(named["BucketName"]).write(
            "recordings/original/short.wav", iter([b"x" * 9_000_000]), content_type="audio/wav", size=20_000_000
        )

    s3 = embedded_aws.root.s3
    listed = s3.list_objects_v2(Bucket=named["BucketName"], Prefix="recordings/original/short").get("Contents", [])
    assert listed == []
    assert s3.list_multipart_uploads(Bucket=named["BucketName"]).get("Uploads", []) == []


def test_an_equal_event_is_queued_once_and_a_different_one_gets_through(as_function, named):
    as_function("VirtualAtsWebhook")
    first = EVENT.model_copy(update={"call_id": "virtualats:twice"})
    queue = EventQueue(named["EventsQueueUrl"])
    as_function("Status")
    before = depth(named["EventsQueueUrl"])
    as_function("VirtualAtsWebhook")
    for event in (first, first, first.model_copy(update={"extension": "102"})):
        queue.send(event)
    as_function("Status")

    assert depth(named["EventsQueueUrl"]) - before == 2
