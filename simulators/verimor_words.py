"""Verimor's words: result codes with their Turkish texts, stamps and durations as its documents print them."""

from datetime import datetime, timedelta, timezone
from typing import Literal

ISTANBUL = timezone(timedelta(hours=3))

ResultCode = Literal[
    "USER_BUSY",
    "ORIGINATOR_CANCEL",
    "NO_ANSWER",
    "NORMAL_CLEARING",
    "CALL_REJECTED",
    "INCOMPATIBLE_DESTINATION",
    "INCOMING_CALL_BARRED",
    "UNALLOCATED_NUMBER",
    "NO_ROUTE_DESTINATION",
    "NO_USER_RESPONSE",
    "NORMAL_UNSPECIFIED",
    "INVALID_NUMBER_FORMAT",
    "NOT_ALLOWED_BY_IYS",
    "FACILITY_REJECTED",
    "SERVICE_NOT_IMPLEMENTED",
    "FACILITY_NOT_IMPLEMENTED",
    "SERVICE_UNAVAILABLE",
    "INTERWORKING",
    "REDIRECTION_TO_NEW_DESTINATION",
    "EXCHANGE_ROUTING_ERROR",
    "MEDIA_TIMEOUT",
    "SYSTEM_SHUTDOWN",
    "ATTENDED_TRANSFER",
    "PICKED_OFF",
    "DESTINATION_OUT_OF_ORDER",
    "NORMAL_TEMPORARY_FAILURE",
    "NETWORK_OUT_OF_ORDER",
    "RECOVERY_ON_TIMER_EXPIRE",
    "ALLOTTED_TIMEOUT",
    "BEARERCAPABILITY_NOTIMPL",
    "LOSE_RACE",
    "CHAN_NOT_IMPLEMENTED",
    "NORMAL_CIRCUIT_CONGESTION",
    "INVALID_CALL_REFERENCE",
]

RESULT_TEXTS: dict[ResultCode, str] = {
    "USER_BUSY": "Meşgul",
    "ORIGINATOR_CANCEL": "Vazgeçildi",
    "NO_ANSWER": "Cevapsız",
    "NORMAL_CLEARING": "Cevaplandı",
    "CALL_REJECTED": "Reddedildi",
    "INCOMPATIBLE_DESTINATION": "Ses kodekleri uyumsuz",
    "INCOMING_CALL_BARRED": "Reddedildi",
    "UNALLOCATED_NUMBER": "Hatalı Numara",
    "NO_ROUTE_DESTINATION": "Hatalı Numara",
    "NO_USER_RESPONSE": "Ulaşılamıyor",
    "NORMAL_UNSPECIFIED": "Cevaplandı",
    "INVALID_NUMBER_FORMAT": "Hatalı Numara",
    "NOT_ALLOWED_BY_IYS": "İYS izni yok",
    "FACILITY_REJECTED": "Hata",
    "SERVICE_NOT_IMPLEMENTED": "Hata",
    "FACILITY_NOT_IMPLEMENTED": "Hata",
    "SERVICE_UNAVAILABLE": "Genel Hata",
    "INTERWORKING": "Genel Hata",
    "REDIRECTION_TO_NEW_DESTINATION": "Cihaz yönlendirmesi",
    "EXCHANGE_ROUTING_ERROR": "Çağrı bağlanamadı",
    "MEDIA_TIMEOUT": "RTP zamanaşımı",
    "SYSTEM_SHUTDOWN": "Santral kapatılıyor",
    "ATTENDED_TRANSFER": "Katılımlı aktarım",
    "PICKED_OFF": "Çağrısı çekildi",
    "DESTINATION_OUT_OF_ORDER": "Cihazla iletişim sorunu",
    "NORMAL_TEMPORARY_FAILURE": "Cihazla iletişim sorunu",
    "NETWORK_OUT_OF_ORDER": "İletişim sorunu",
    "RECOVERY_ON_TIMER_EXPIRE": "Zamanaşımı",
    "ALLOTTED_TIMEOUT": "Cevapsız",
    "BEARERCAPABILITY_NOTIMPL": "Sesli görüşme yapamayan numara",
    "LOSE_RACE": "Diğer dahili cevapladı",
    "CHAN_NOT_IMPLEMENTED": "Desteklenmeyen kanal tipi",
    "NORMAL_CIRCUIT_CONGESTION": "Arama için santral uygun durumda değil",
    "INVALID_CALL_REFERENCE": "Tanınmayan Çağrı ID numarası",
}

# Calls that end so were talked on; the last two can strike a call at any time.
TALKED: frozenset[ResultCode] = frozenset(
    {"NORMAL_CLEARING", "NORMAL_UNSPECIFIED", "ATTENDED_TRANSFER", "MEDIA_TIMEOUT", "SYSTEM_SHUTDOWN"}
)

SIP_FAILURES: dict[ResultCode, tuple[str, str]] = {
    "USER_BUSY": ("486", "Busy Here"),
    "ORIGINATOR_CANCEL": ("487", "Request Terminated"),
    "NO_ANSWER": ("480", "Temporarily Unavailable"),
    "ALLOTTED_TIMEOUT": ("480", "Temporarily Unavailable"),
    "NO_USER_RESPONSE": ("408", "Request Timeout"),
    "CALL_REJECTED": ("603", "Decline"),
    "UNALLOCATED_NUMBER": ("404", "Not Found"),
    "NO_ROUTE_DESTINATION": ("404", "Not Found"),
}


def record_stamp(moment: datetime | None) -> str | None:
    """As call records have it; call events have the same without the zone."""
    return f"{moment.astimezone(ISTANBUL):%Y-%m-%d %H:%M:%S %z}" if moment else None


def event_stamp(moment: datetime | None) -> str:
    return f"{moment.astimezone(ISTANBUL):%Y-%m-%d %H:%M:%S}" if moment else ""


def clock(seconds: int) -> str:
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


def odd_clock(seconds: int) -> str:
    """00:0:35, as the document's samples print talk times: the minutes without their leading zero."""
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60}:{seconds:02}"
