"""The store under functions' own roles: it needs no more rights than they have."""

import pytest
import requests
from botocore.exceptions import ClientError

from santral.calls import CallEvent, CallState
from santral.errors import Unanswered
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


def test_a_secret_without_a_value_reads_as_none_and_one_with_a_value_as_its_text(as_function, embedded_aws):
    embedded_aws.write_secret("wapcrm", {"secret_key": "0123456789"})
    as_function("SendMessage")
    assert SecretsManager("sandbox").read("wapcrm") == '{"secret_key": "0123456789"}'

    as_function("Authorizer")
    assert SecretsManager("sandbox").read("api") is None


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
