import pytest

from functions.messages.create_file import handler
from santral.store.message_files import FileLinks
from tests.fakes.doors import call, http, sample


class Files:
    def links(self, *, file_name, content_type):
        self.asked = (file_name, content_type)
        return FileLinks("https://bucket.example/put", "https://bucket.example/get")


@pytest.fixture
def files(tenant):
    tenant.message_files = Files()
    return tenant.message_files


def test_a_file_gets_an_address_to_be_put_to_and_one_to_be_fetched_from(files):
    heard = call(handler, sample("messages/create_file"))

    assert heard.json == {"upload_url": "https://bucket.example/put", "file_url": "https://bucket.example/get"}
    assert files.asked == ("Teklif 2026.pdf", "application/pdf")


@pytest.mark.parametrize("file_name", ["../../etc/passwd", 'a"b.pdf', "a\nb.pdf", "", "a" * 129, "a\\b"])
def test_a_name_that_is_a_path_or_breaks_a_header_is_refused(files, file_name):
    heard = call(handler, http("messages/create_file", body={"file_name": file_name, "content_type": "image/png"}))

    assert (heard.status, heard.json["errors"][0]["field"]) == (422, "file_name")


@pytest.mark.parametrize("content_type", ["text/html; charset=utf-8", "pdf", ""])
def test_a_content_type_is_one(files, content_type):
    heard = call(handler, http("messages/create_file", body={"file_name": "a.pdf", "content_type": content_type}))

    assert (heard.status, heard.json["errors"][0]["field"]) == (422, "content_type")
