from tests.architecture import PAGE, page


def test_the_picture_is_as_the_template_is():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make docs"


def test_the_way_of_a_call_is_on_it():
    for step in ("api --> webhooks", "webhooks --> events", "events --> record_event", "record_event --> zoho"):
        assert f"  {step}\n" in page()


def test_no_webhook_talks_to_a_provider():
    assert "webhooks --> providers" not in page()
