"""The company in the simulators: its extensions, its WhatsApp channels and the people behind both."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Account:
    """An extension of the VirtualATS exchange."""

    number: str
    name: str
    status: Literal["ONLINE", "OFFLINE", "DISCONNECTED", "UNMONITORED"] = "ONLINE"


@dataclass(frozen=True)
class Channel:
    """A WapCRM instance; types as in its channel list: 1 WhatsApp, 2 Instagram, 3 Facebook, 4 Telegram."""

    instance_id: int
    account: str
    name: str
    instance_type: Literal[1, 2, 3, 4] = 1
    connection_type: str = "WABA"


@dataclass(frozen=True)
class WapCrmUser:
    user_id: int
    full_name: str
    email: str


COMPANY_NUMBER = "994124886606"

ACCOUNTS = (
    Account("100", "Santral"),
    Account("101", "Ayşe Yılmaz"),
    Account("102", "Mehmet Öztürk"),
    Account("103", "Leyla Əliyeva"),
    Account("104", "Çağrı Güneş", "OFFLINE"),
)

CHANNELS = (
    Channel(15, "908504900290", "Satış"),
    Channel(16, "994502220011", "Dəstək", connection_type="QR Code"),
)

USERS = (
    WapCrmUser(1, "Ayşe Yılmaz", "ayse@example.com"),
    WapCrmUser(2, "Mehmet Öztürk", "mehmet@example.com"),
    WapCrmUser(3, "Leyla Əliyeva", "leyla@example.com"),
)


@dataclass(frozen=True)
class CallCenterAgent:
    """An agent of the Kobikom call center, who logs in under a number of their own and takes calls at an extension."""

    number: str
    name: str
    extension: str
    logged_in: bool = True


@dataclass(frozen=True)
class CallCenterQueue:
    number: str
    name: str
    agents: tuple[str, ...]


@dataclass(frozen=True)
class BreakKind:
    id: str
    name: str


@dataclass(frozen=True)
class PbxCompany:
    """What stands behind the Kobikom PBX; `extensions` are names by number."""

    extensions: Mapping[str, str]
    agents: tuple[CallCenterAgent, ...]
    queues: tuple[CallCenterQueue, ...]
    breaks: tuple[BreakKind, ...]


PBX_COMPANY = PbxCompany(
    extensions={account.number: account.name for account in ACCOUNTS},
    agents=(
        CallCenterAgent("1001", "Ayşe Yılmaz", "101"),
        CallCenterAgent("1002", "Mehmet Öztürk", "102"),
        CallCenterAgent("1003", "Leyla Əliyeva", "103", logged_in=False),
    ),
    queues=(
        CallCenterQueue("10000", "OPERATORQ", ("1001", "1002", "1003")),
        CallCenterQueue("10001", "TEKNIKQ", ("1002",)),
        CallCenterQueue("10002", "TESTQ", ()),
    ),
    breaks=(BreakKind("2", "YEMEK MOLASI"), BreakKind("3", "CAY SIGARA MOLASI"), BreakKind("4", "DIS ARAMA")),
)


@dataclass(frozen=True)
class VerimorUser:
    """An extension of the Verimor exchange."""

    number: str
    name: str
    status: Literal["AVAILABLE", "UNREGISTERED", "SS_DND"] = "AVAILABLE"


@dataclass(frozen=True)
class VerimorQueue:
    number: str
    name: str
    agents: tuple[str, ...]


VERIMOR_NUMBERS = ("902129630131", "908505320000")

VERIMOR_USERS = (
    VerimorUser("101", "Ayşe Yılmaz"),
    VerimorUser("102", "Mehmet Öztürk"),
    VerimorUser("103", "Leyla Əliyeva"),
    VerimorUser("104", "Çağrı Güneş", "UNREGISTERED"),
)

VERIMOR_QUEUES = (
    VerimorQueue("201", "Satış", ("101", "102")),
    VerimorQueue("204", "Destek", ("102", "103")),
)

VERIMOR_ANNOUNCEMENTS = {
    128: "Firmamıza hoşgeldiniz",
    421: "Mesai dışındayız",
    428: "Öğle molası",
    429: "Değerli müşterimiz, son ödeme tarihi",
    430: "olan faturanızın tutarı",
    431: "tur. İyi günler dileriz.",
}
