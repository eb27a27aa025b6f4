import unicodedata

import pytest

from santral.calls import Disposition
from santral.providers.verimor.results import folded, leg_was_answered, outcome_of

TABLE = [
    ("USER_BUSY", "Meşgul", Disposition.BUSY, None),
    ("ORIGINATOR_CANCEL", "Vazgeçildi", Disposition.NO_ANSWER, "canceled"),
    ("NO_ANSWER", "Cevapsız", Disposition.NO_ANSWER, None),
    ("NORMAL_CLEARING", "Cevaplandı", Disposition.ANSWERED, None),
    ("CALL_REJECTED", "Reddedildi", Disposition.REJECTED, None),
    ("INCOMPATIBLE_DESTINATION", "Ses kodekleri uyumsuz", Disposition.FAILED, "no_common_codec"),
    ("INCOMING_CALL_BARRED", "Reddedildi", Disposition.REJECTED, None),
    ("UNALLOCATED_NUMBER", "Hatalı Numara", Disposition.FAILED, "wrong_number"),
    ("NO_ROUTE_DESTINATION", "Hatalı Numara", Disposition.FAILED, "wrong_number"),
    ("NO_USER_RESPONSE", "Ulaşılamıyor", Disposition.NO_ANSWER, "unreachable"),
    ("NORMAL_UNSPECIFIED", "Cevaplandı", Disposition.ANSWERED, None),
    ("INVALID_NUMBER_FORMAT", "Hatalı Numara", Disposition.FAILED, "wrong_number"),
    ("NOT_ALLOWED_BY_IYS", "İYS izni yok", Disposition.REJECTED, "no_consent"),
    ("FACILITY_REJECTED", "Hata", Disposition.FAILED, "error"),
    ("SERVICE_NOT_IMPLEMENTED", "Hata", Disposition.FAILED, "error"),
    ("FACILITY_NOT_IMPLEMENTED", "Hata", Disposition.FAILED, "error"),
    ("SERVICE_UNAVAILABLE", "Genel Hata", Disposition.FAILED, "error"),
    ("INTERWORKING", "Genel Hata", Disposition.FAILED, "error"),
    ("REDIRECTION_TO_NEW_DESTINATION", "Cihaz yönlendirmesi", Disposition.NO_ANSWER, "forwarded"),
    ("EXCHANGE_ROUTING_ERROR", "Çağrı bağlanamadı", Disposition.FAILED, "not_connected"),
    ("MEDIA_TIMEOUT", "RTP zamanaşımı", Disposition.FAILED, "media_timeout"),
    ("SYSTEM_SHUTDOWN", "Santral kapatılıyor", Disposition.FAILED, "pbx_shut_down"),
    ("ATTENDED_TRANSFER", "Katılımlı aktarım", Disposition.ANSWERED, None),
    ("PICKED_OFF", "Çağrısı çekildi", Disposition.ANSWERED, None),
    ("DESTINATION_OUT_OF_ORDER", "Cihazla iletişim sorunu", Disposition.FAILED, "device_problem"),
    ("NORMAL_TEMPORARY_FAILURE", "Cihazla iletişim sorunu", Disposition.FAILED, "device_problem"),
    ("NETWORK_OUT_OF_ORDER", "İletişim sorunu", Disposition.FAILED, "network_problem"),
    ("RECOVERY_ON_TIMER_EXPIRE", "Zamanaşımı", Disposition.FAILED, "timeout"),
    ("ALLOTTED_TIMEOUT", "Cevapsız", Disposition.NO_ANSWER, None),
    ("BEARERCAPABILITY_NOTIMPL", "Sesli görüşme yapamayan numara", Disposition.FAILED, "not_a_voice_number"),
    ("LOSE_RACE", "Diğer dahili cevapladı", Disposition.ANSWERED, None),
    ("CHAN_NOT_IMPLEMENTED", "Desteklenmeyen kanal tipi", Disposition.FAILED, "unsupported_channel"),
    ("NORMAL_CIRCUIT_CONGESTION", "Arama için santral uygun durumda değil", Disposition.FAILED, "congestion"),
    ("INVALID_CALL_REFERENCE", "Tanınmayan Çağrı ID numarası", Disposition.FAILED, "unknown_call"),
    ("", "Meşgule atıldı", Disposition.REJECTED, None),
    ("", "Başarılı", Disposition.ANSWERED, None),
]
IN_TURKISH_CAPITALS = str.maketrans("iı", "İI")


@pytest.mark.parametrize(("code", "text", "disposition", "reason"), TABLE)
def test_every_code_and_every_text_has_its_meaning(code, text, disposition, reason):
    for word in filter(None, (code, code.lower(), text)):
        assert outcome_of([word], answered=None) == (disposition, reason)


@pytest.mark.parametrize("text", sorted({text for _, text, *_ in TABLE}))
def test_a_text_is_known_however_it_is_spelt(text):
    spellings = [
        unicodedata.normalize("NFD", text),
        text.translate(IN_TURKISH_CAPITALS).upper(),
        text.upper(),
        text.lower(),
        f"  {text}\u00a0",
        text.replace(" ", ""),
        text.translate(str.maketrans("çğıöşüÇĞİÖŞÜ", "cgiosuCGIOSU")),
    ]

    assert {outcome_of([spelling], answered=None) for spelling in spellings} == {outcome_of([text], answered=None)}


def test_no_two_meanings_share_a_spelling():
    meanings = {}
    for code, text, *meaning in TABLE:
        for word in filter(None, (code, text)):
            assert meanings.setdefault(folded(word), meaning) == meaning


@pytest.mark.parametrize("word", [word for code, text, *_ in TABLE for word in (code, text)])
def test_what_was_answered_was_answered_whatever_the_word(word):
    assert outcome_of([word], answered=True) == (Disposition.ANSWERED, None)


@pytest.mark.parametrize("word", [word for code, text, *_ in TABLE for word in (code, text) if word])
def test_what_was_not_answered_is_never_told_as_answered(word):
    assert outcome_of([word], answered=False)[0] is not Disposition.ANSWERED


def test_the_first_known_word_counts_and_the_first_unknown_one_is_the_reason():
    assert outcome_of(["", "x", "USER_BUSY", "NO_ANSWER"], answered=None) == (Disposition.BUSY, None)
    assert outcome_of(["", "x" * 500, "y"], answered=None) == (Disposition.UNKNOWN, "x" * 100)


@pytest.mark.parametrize(
    ("word", "answered"),
    [
        ("Cevaplandı", True),
        ("Katılımlı aktarım", True),
        ("LOSE_RACE", False),
        ("Diğer dahili cevapladı", False),
        ("Çağrısı çekildi", False),
        ("Meşgul", False),
        ("", False),
        ("?", False),
    ],
)
def test_a_leg_that_lost_the_race_was_not_the_one_that_answered(word, answered):
    assert leg_was_answered(word) is answered
