import pytest

from sandbox.web import Request
from sandbox.widget import Widget

URL = "http://127.0.0.1:8080"
BUCKET = "http://127.0.0.1:4566"
PAGE = '<script src="https://live.zwidgets.com/js-sdk/1.2/ZohoEmbededAppSDK.min.js"></script><script src="widget.js">'


@pytest.fixture
def built(tmp_path):
    folder = tmp_path / "app"
    (folder / "translations").mkdir(parents=True)
    (folder / "widget.html").write_text(PAGE)
    (folder / "widget.js").write_text("theirs")
    (folder / "translations" / "en.json").write_text("{}")
    (tmp_path / "plugin-manifest.json").write_text("{}")
    return folder


@pytest.fixture
def ask(built):
    widget = Widget(URL, BUCKET, built)

    def asked(path, host="127.0.0.1:8080", method="GET"):
        return widget(Request(method, path, (("Host", host),)))

    return asked


def test_zohos_script_alone_is_replaced_by_the_stand_in(ask):
    html = ask("/widget/widget.html?direct=").body.decode()

    assert html == '<script src="embedded_sdk.js"></script><script src="widget.js">'
    assert b"embeddedApp" in ask("/widget/embedded_sdk.js").body
    assert ask("/widget/widget.js").body == b"theirs"


def test_the_widget_is_framed_by_the_page_and_reaches_nothing_but_the_api_and_the_bucket(ask):
    policy = dict(ask("/widget/widget.html").headers)["content-security-policy"]

    assert f"frame-ancestors 'self' {URL}" in policy
    assert "default-src 'self'" in policy
    assert f"connect-src 'self' {BUCKET}" in policy


def test_the_widget_has_another_origin_too_as_inside_zoho(ask):
    assert ask("/widget/widget.js", host="localhost:8080").status == 200


def test_a_foreign_name_for_this_machine_gets_nothing(ask):
    assert ask("/widget/widget.js", host="evil.example:8080").status == 404


@pytest.mark.parametrize(
    "path", ["/widget/", "/widget/none.js", "/widget/../plugin-manifest.json", "/widget/translations"]
)
def test_only_the_widgets_own_files_are_served(ask, path):
    assert ask(path).status == 404
    assert ask("/widget/translations/en.json").status == 200


def test_nothing_can_be_written(ask):
    assert ask("/widget/widget.js", method="POST").status == 404


def test_a_widget_that_has_not_been_built_says_how(tmp_path):
    answer = Widget(URL, BUCKET, tmp_path)(Request("GET", "/widget/widget.html", (("Host", "127.0.0.1:8080"),)))

    assert answer.status == 200
    assert b"make widget" in answer.body
