import pytest

from tests.zoho_description import hold_request, needed

pytestmark = needed


@pytest.mark.parametrize(
    ("method", "path", "query", "body"),
    [
        ("POST", "/crm/v8/Calls", "", b'{"date": []}'),
        ("POST", "/crm/v8/Calls", "", b'{"data": {}}'),
        ("POST", "/crm/v8/coql", "", b'{"select_query": 5}'),
        ("GET", "/crm/v8/Contacts/search", "telephone=1", b""),
        ("POST", "/crm/v8/Calls/1/nothing", "", b""),
    ],
)
def test_a_request_zoho_does_not_describe_is_caught(method, path, query, body):
    with pytest.raises(AssertionError):
        hold_request(method, path, query, body)


def test_a_request_as_described_is_let_through():
    hold_request("POST", "/crm/v8/Calls/upsert", "", b'{"data": [{"Subject": "x"}], "duplicate_check_fields": ["X"]}')
