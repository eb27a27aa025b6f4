from datetime import UTC, datetime

import pytest

from santral.store.aws import time_told


@pytest.mark.parametrize(
    ("headers", "moment"),
    [
        ({"date": "Thu, 15 Jan 2026 09:30:00 GMT"}, datetime(2026, 1, 15, 9, 30, tzinfo=UTC)),
        ({"date": "soon"}, None),
        ({}, None),
    ],
)
def test_the_time_at_aws_is_read_off_an_answer(headers, moment):
    assert time_told({"ResponseMetadata": {"HTTPHeaders": headers}}) == moment


def test_an_answer_without_metadata_tells_no_time():
    assert time_told({}) is None
