import requests

from santral.store.message_files import S3MessageFiles


def test_what_a_browser_uploads_the_provider_fetches_without_credentials(as_function, embedded_aws):
    as_function("CreateFile")
    links = S3MessageFiles(embedded_aws.outputs["BucketName"]).links(
        file_name="Teklif ö.pdf", content_type="application/pdf"
    )

    put = requests.put(links.upload_url, data=b"%PDF-1.7", headers={"Content-Type": "application/pdf"}, timeout=10)
    fetched = requests.get(links.file_url, timeout=10)

    assert put.status_code == 200
    assert (fetched.status_code, fetched.content) == (200, b"%PDF-1.7")
    assert fetched.headers["content-type"] == "application/pdf"
    assert "Teklif" not in links.file_url.partition("?")[0]
