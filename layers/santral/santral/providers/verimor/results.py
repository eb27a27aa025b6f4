"""What became of a call: Verimor's result codes, the Turkish texts that stand for them, and our words.

Bulutsantralim API, "Çağrı Sonuç Kodlarının Değerleri ve Açıklamaları" (cagri-sonuc-kodlari.md). A text is compared
without accents, case, blanks and hyphens, so that neither `İ` and `ı` nor decomposed letters matter. Several codes
share a text, always with the same meaning.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from santral.calls import Disposition

_LONGEST_REASON = 100


class Outcome(NamedTuple):
    """How a call turned out. `if_answered` stands for codes that say so of answered and unanswered calls alike."""

    disposition: Disposition
    reason: str | None = None
    if_answered: bool = False


def folded(text: str) -> str:
    """Return a text without accents, case, blanks, hyphens and underscores: `İYS izni yok` is iysizniyok."""
    # A dotless ı has no accent to lose: it is a letter of its own.
    bare = unicodedata.normalize("NFKD", text.replace("ı", "i"))
    return re.sub(r"[\s_-]", "", "".join(sign for sign in bare if not unicodedata.combining(sign)).casefold())


_ANSWERED = Outcome(Disposition.ANSWERED, if_answered=True)
_BUSY = Outcome(Disposition.BUSY)
_NO_ANSWER = Outcome(Disposition.NO_ANSWER)
_REJECTED = Outcome(Disposition.REJECTED)


def _failed(reason: str) -> Outcome:
    return Outcome(Disposition.FAILED, reason)


def _unreached(reason: str) -> Outcome:
    return Outcome(Disposition.NO_ANSWER, reason)


_TABLE = (
    ("USER_BUSY", "Meşgul", _BUSY),
    ("ORIGINATOR_CANCEL", "Vazgeçildi", _unreached("canceled")),
    ("NO_ANSWER", "Cevapsız", _NO_ANSWER),
    ("NORMAL_CLEARING", "Cevaplandı", _ANSWERED),
    ("CALL_REJECTED", "Reddedildi", _REJECTED),
    ("INCOMPATIBLE_DESTINATION", "Ses kodekleri uyumsuz", _failed("no_common_codec")),
    ("INCOMING_CALL_BARRED", "Reddedildi", _REJECTED),
    ("UNALLOCATED_NUMBER", "Hatalı Numara", _failed("wrong_number")),
    ("NO_ROUTE_DESTINATION", "Hatalı Numara", _failed("wrong_number")),
    ("NO_USER_RESPONSE", "Ulaşılamıyor", _unreached("unreachable")),
    ("NORMAL_UNSPECIFIED", "Cevaplandı", _ANSWERED),
    ("INVALID_NUMBER_FORMAT", "Hatalı Numara", _failed("wrong_number")),
    ("NOT_ALLOWED_BY_IYS", "İYS izni yok", Outcome(Disposition.REJECTED, "no_consent")),
    ("FACILITY_REJECTED", "Hata", _failed("error")),
    ("SERVICE_NOT_IMPLEMENTED", "Hata", _failed("error")),
    ("FACILITY_NOT_IMPLEMENTED", "Hata", _failed("error")),
    ("SERVICE_UNAVAILABLE", "Genel Hata", _failed("error")),
    ("INTERWORKING", "Genel Hata", _failed("error")),
    ("REDIRECTION_TO_NEW_DESTINATION", "Cihaz yönlendirmesi", _unreached("forwarded")),
    ("EXCHANGE_ROUTING_ERROR", "Çağrı bağlanamadı", _failed("not_connected")),
    ("MEDIA_TIMEOUT", "RTP zamanaşımı", _failed("media_timeout")),
    ("SYSTEM_SHUTDOWN", "Santral kapatılıyor", _failed("pbx_shut_down")),
    ("ATTENDED_TRANSFER", "Katılımlı aktarım", _ANSWERED),
    ("PICKED_OFF", "Çağrısı çekildi", _ANSWERED),
    ("DESTINATION_OUT_OF_ORDER", "Cihazla iletişim sorunu", _failed("device_problem")),
    ("NORMAL_TEMPORARY_FAILURE", "Cihazla iletişim sorunu", _failed("device_problem")),
    ("NETWORK_OUT_OF_ORDER", "İletişim sorunu", _failed("network_problem")),
    ("RECOVERY_ON_TIMER_EXPIRE", "Zamanaşımı", _failed("timeout")),
    ("ALLOTTED_TIMEOUT", "Cevapsız", _NO_ANSWER),
    ("BEARERCAPABILITY_NOTIMPL", "Sesli görüşme yapamayan numara", _failed("not_a_voice_number")),
    ("LOSE_RACE", "Diğer dahili cevapladı", _ANSWERED),
    ("CHAN_NOT_IMPLEMENTED", "Desteklenmeyen kanal tipi", _failed("unsupported_channel")),
    ("NORMAL_CIRCUIT_CONGESTION", "Arama için santral uygun durumda değil", _failed("congestion")),
    ("INVALID_CALL_REFERENCE", "Tanınmayan Çağrı ID numarası", _failed("unknown_call")),
    # Not in the table: the examples of "ARAMA KAYITLARINA ERİŞİM" and of a campaign's "BİLDİRİM ÖRNEĞİ".
    ("", "Meşgule atıldı", _REJECTED),
    ("", "Başarılı", _ANSWERED),
)
_OUTCOMES = {folded(word): outcome for code, text, outcome in _TABLE for word in (code, text) if word}
# Of a single extension these say that another one took the call.
_ANSWERED_ELSEWHERE = {
    folded(word) for word in ("PICKED_OFF", "Çağrısı çekildi", "LOSE_RACE", "Diğer dahili cevapladı")
}


def outcome_of(words: Sequence[str], *, answered: bool | None) -> tuple[Disposition | None, str | None]:
    """Return how a call turned out and why. What is known of its being answered weighs more than any word.

    Args:
        words: Codes or texts, most telling first; the first known one counts.
        answered: Whether somebody took the call, None when that is not told.
    """
    if answered:
        return Disposition.ANSWERED, None
    told = [word for word in words if word]
    known = next((_OUTCOMES[folded(word)] for word in told if folded(word) in _OUTCOMES), None)
    if known is None:
        if told:
            return Disposition.UNKNOWN, told[0][:_LONGEST_REASON]
        return (Disposition.NO_ANSWER if answered is False else None), None
    if known.if_answered and answered is False:
        return Disposition.NO_ANSWER, None
    return known.disposition, known.reason


def leg_was_answered(word: str) -> bool:
    """Tell whether a leg's own result says that this very extension took the call."""
    outcome = _OUTCOMES.get(folded(word))
    return outcome is not None and outcome.if_answered and folded(word) not in _ANSWERED_ELSEWHERE
