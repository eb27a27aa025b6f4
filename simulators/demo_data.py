"""The company in the simulators: its extensions, its WhatsApp channels and the people behind both."""

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
