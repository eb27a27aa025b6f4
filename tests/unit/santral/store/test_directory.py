from santral.store.directory import Directory, User
from tests.fakes import MemoryTable


def test_a_user_is_found_by_mail_and_by_each_extension():
    directory = Directory(MemoryTable())
    ayse = User(email="Ayse@example.com", extensions={"virtualats": ("101", "201"), "verimor": ("1000",)})
    directory.remember(ayse)

    assert directory.user("ayse@EXAMPLE.com") == ayse
    assert directory.owner_of("virtualats", "201") == ayse
    assert directory.owner_of("verimor", "201") is None
    assert ayse.extension("virtualats") == "101"
    assert ayse.extension("kobikom") is None


def test_nobody_is_none():
    assert Directory(MemoryTable()).user("nobody@example.com") is None


def test_a_user_told_again_is_replaced():
    directory = Directory(MemoryTable())
    directory.remember(User(email="a@example.com", extensions={"virtualats": ("101",)}))
    directory.remember(User(email="a@example.com", extensions={"virtualats": ("102",)}))

    assert directory.user("a@example.com").extension("virtualats") == "102"
