from functions.messages.list_channels import handler
from tests.fakes.doors import call, sample


def test_channels_are_listed(tenant):
    channels = call(handler, sample("messages/list_channels")).json["channels"]

    assert channels == [{"channel_id": "15", "name": "Satış", "account": "905551112233", "kind": "whatsapp"}]
