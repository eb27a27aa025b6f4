"""The people the demo and the tests call: Turkish and Azerbaijani numbers in the notations found in real CRMs."""

from dataclasses import dataclass
from datetime import timedelta

from simulators.zoho.store import Store

AGE = timedelta(days=30)
CUSTOMER = ("Elif", "Yılmaz", "+90 532 123 45 67")
PROSPECT = ("Rəşad", "Məmmədov", "+994 55 796 74 73")


@dataclass(frozen=True)
class Person:
    first_name: str
    last_name: str
    phone: str = ""
    mobile: str = ""
    owner: str = "ayse@example.com"
    account: str = ""
    email: str = ""


ACCOUNTS = (
    ("Yılmaz İnşaat A.Ş.", "+90 (212) 555 10 00"),
    ("Xəzər Logistika MMC", "012 404 55 66"),
)
CONTACTS = (
    Person(*CUSTOMER, owner="mehmet@example.com", account="Yılmaz İnşaat A.Ş.", email="elif@example.org"),
    Person("Çağrı", "Öztürk", mobile="0533 987 65 43"),
    # A couple with one number between them.
    Person("Şule", "Güneş", phone="(0216) 444 12 34", owner="leyla@example.com"),
    Person("İlker", "Güneş", phone="0 216 444 12 34"),
    Person("Nigar", "Həsənova", mobile="050 212 34 56", owner="leyla@example.com", account="Xəzər Logistika MMC"),
    Person("Gülşən", "Quliyeva", phone="+994 12 404 55 66", mobile="+994-70-333-22-11", account="Xəzər Logistika MMC"),
)
LEADS = (
    Person(*PROSPECT, owner="leyla@example.com"),
    Person("Ümit", "Işık", mobile="5321112233"),
    Person("Fidan", "Əliyeva", phone="(050) 987-65-43"),
    Person("Ömer", "Doğan", phone="0090 542 765 43 21", owner="mehmet@example.com"),
    # Also a contact: Çağrı Öztürk's mobile, written another way.
    Person("Çağrı", "Öztürk", mobile="+90 533 987 65 43"),
    Person("Aytən", "İsmayılova", phone="+994517654321"),
)


def fill(store: Store) -> None:
    """Put the demo's people in, as if they had been there for a month."""
    at = store.clock() - AGE
    admin = store.users.current
    accounts = {}
    for name, phone in ACCOUNTS:
        accounts[name] = store.put_old("Accounts", {"Account_Name": name, "Phone": phone}, admin, at)
    for module, people in (("Contacts", CONTACTS), ("Leads", LEADS)):
        for person in people:
            row = {
                "First_Name": person.first_name,
                "Last_Name": person.last_name,
                "Phone": person.phone,
                "Mobile": person.mobile,
                "Email": person.email,
                "Owner": {"id": store.users.by_email(person.owner).id},
            }
            if person.account:
                row["Account_Name"] = {"id": accounts[person.account]}
            store.put_old(module, row, admin, at)
