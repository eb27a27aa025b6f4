"""In which language a person is told something: asked for, else the acting user's, else the tenant's."""

import json

import pytest

import santral.health
from functions.calls.dial import handler as dial
from functions.calls.get_call import handler as get_call
from functions.calls.open_recording import handler as open_recording
from functions.tenant.status import handler as status
from functions.webhooks.virtualats import handler as webhook
from santral.errors import Rejected, Unreachable
from santral.sentences import say
from santral.store.directory import User
from tests.fakes.doors import call, http, sample

pytestmark = pytest.mark.usefixtures("tenant")

EXPIRED = {"en": "This link does not lead to a recording.", "tr": "Bu bağlantı bir ses kaydına ait değil."}
NO_NUMBER = {
    "en": "is not a phone number. Write it with its area or country code.",
    "tr": "telefon numarası değil. Alan veya ülke koduyla yazın.",
    "az": "telefon nömrəsi deyil. Şəhər və ya ölkə kodu ilə yazın.",
}


@pytest.fixture
def azerbaijani(tenant):
    tenant.directory.remember(User(email="leyla@example.com", extensions={"virtualats": ("104",)}, language="az"))


@pytest.fixture
def turkish_company(tenant):
    tenant.settings = tenant.settings.model_copy(update={"language": "tr"})


def refused(**headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    heard = call(dial, http("calls/dial", body={"to": "nobody"}, headers={"x-crm-user": None, **names}))
    return heard.headers["content-language"], heard.json["errors"][0]["message"]


def test_the_language_asked_for_comes_first(turkish_company, azerbaijani):
    told = refused(accept_language="de, en;q=0.8", x_crm_user="leyla@example.com")

    assert told == ("en", NO_NUMBER["en"])


def test_then_the_acting_users(turkish_company, azerbaijani):
    assert refused(accept_language="de", x_crm_user="Leyla@example.com") == ("az", NO_NUMBER["az"])


@pytest.mark.parametrize("user", [None, "nobody@example.com", "ayse@example.com"])
def test_then_the_companys(turkish_company, user):
    assert refused(x_crm_user=user) == ("tr", NO_NUMBER["tr"])


def test_a_header_that_cannot_be_read_is_ignored(turkish_company):
    assert refused(accept_language=";;q=,\x00") == ("tr", NO_NUMBER["tr"])


def test_a_user_with_a_language_that_is_not_ours_is_told_in_the_companys(tenant, turkish_company):
    tenant.directory.remember(User(email="jan@example.com", language="de"))

    assert refused(x_crm_user="jan@example.com") == ("tr", NO_NUMBER["tr"])


def test_what_is_wrong_with_the_form_of_a_request_is_translated_too():
    event = http("calls/dial", body={"to": "0532 123 45 67", "colour": "red"}, headers={"accept-language": "tr"})
    heard = call(dial, event)

    assert heard.json["detail"] == "Bazı alanlar hatalı."
    assert heard.json["errors"] == [{"field": "colour", "message": "bu isteğin bir alanı değil"}]


def test_code_and_title_are_the_same_in_every_language():
    unknown = [call(get_call, http("calls/get_call", headers={"accept-language": it})).json for it in ("tr", "en")]

    assert len({(it["code"], it["title"], it["type"]) for it in unknown}) == 1
    assert len({it["detail"] for it in unknown}) == 2


def test_who_is_told_nothing_has_their_language_read_by_nobody(tenant, turkish_company, azerbaijani):
    before = tenant.table.reads
    heard = call(dial, http("calls/dial", headers={"x-crm-user": "leyla@example.com"}))

    assert heard.status == 202
    assert "content-language" not in heard.headers
    # The one read is that of the extension.
    assert tenant.table.reads == before + 1


def test_a_language_that_is_asked_for_costs_no_read(tenant, azerbaijani):
    before = tenant.table.reads
    refused(accept_language="tr", x_crm_user="leyla@example.com")

    assert tenant.table.reads == before


def test_a_table_that_cannot_be_read_keeps_nobody_from_being_told(tenant, turkish_company, monkeypatch):
    def broken(_email):
        raise TimeoutError

    monkeypatch.setattr(tenant.directory, "user", broken)

    assert refused(x_crm_user="leyla@example.com") == ("tr", NO_NUMBER["tr"])


def test_who_was_let_in_by_nobody_is_not_taken_for_a_user(tenant, azerbaijani):
    heard = call(open_recording, http("calls/open_recording", headers={"x-crm-user": "leyla@example.com"}))

    assert (heard.headers["content-language"], heard.json["detail"]) == ("en", EXPIRED["en"])


def test_a_browser_that_opens_a_permalink_is_answered_in_its_language():
    heard = call(open_recording, http("calls/open_recording", headers={"accept-language": "tr-TR,tr;q=0.9"}))

    assert heard.json["detail"] == EXPIRED["tr"]


def test_a_second_click_is_told_the_same_in_the_language_of_who_clicks(pbx):
    pbx.failure = Rejected("no", system="virtualats", sentence=say("VirtualATS does not know this call."))
    first = call(dial, http("calls/dial", headers={"accept-language": "en"}))
    second = call(dial, http("calls/dial", headers={"accept-language": "az"}))

    assert len(pbx.dialled) == 1
    assert first.json["detail"] == "VirtualATS does not know this call."
    assert {**second.json, "detail": ""} == {**first.json, "detail": ""}
    assert second.json["detail"] == "VirtualATS-də belə zəng yoxdur."
    assert second.headers["content-language"] == "az"


def test_an_answer_kept_by_an_older_version_is_told_as_it_was(tenant, pbx):
    pbx.failure = Unreachable("down", system="virtualats")
    first = call(dial, sample("calls/dial"))
    (row,) = (row for pk, row in tenant.table.rows.items() if pk.startswith("INTENT#"))
    row["body"] = json.dumps({name: value for name, value in first.json.items() if name != "request_id"})
    heard = call(dial, http("calls/dial", headers={"accept-language": "tr"}))

    assert heard.json == first.json


def test_the_status_page_speaks_the_language_of_who_looks(tenant, azerbaijani, monkeypatch):
    monkeypatch.setattr(santral.health.pipeline, "depth", lambda _url: 0)
    monkeypatch.setattr(santral.health.pipeline, "time_told", lambda _url: tenant.clock())
    monkeypatch.setattr(santral.health, "check_crm", lambda _tenant: say("an unnamed user"))
    heard = call(status, http("tenant/status", headers={"x-crm-user": "leyla@example.com"}))
    told = {check["name"]: check["sentence"] for check in heard.json["checks"]}

    assert heard.headers["content-language"] == "az"
    assert told["virtualats"] == "virtualats cavab verir və giriş məlumatlarımızı qəbul edir."
    assert told["last event"] == "Son bir həftə ərzində başlayan zəng yoxdur."


def test_an_unexpected_failure_is_told_in_the_language_asked_for(pbx):
    pbx.failure = RuntimeError("a bug")
    heard = call(dial, http("calls/dial", headers={"accept-language": "tr"}))

    assert (heard.status, heard.json["code"]) == (500, "internal_error")
    assert heard.json["detail"].startswith("Bizim tarafımızda bir hata oluştu.")


def test_a_provider_whose_webhook_is_refused_is_told_in_the_companys_language(turkish_company):
    heard = call(webhook, http("webhooks/virtualats", path={"token": "wrong"}))

    assert (heard.status, heard.headers["content-language"]) == (401, "tr")


def test_the_log_stays_english(turkish_company, caplog):
    refused(x_crm_user=None)

    assert [record.reason for record in caplog.records] == ["invalid fields: to"]
