import pytest

from santral.errors import NotConfigured, UnknownPermalink
from santral.telephony.permalinks import call_handle, opened, permalink
from tests.fakes import MemorySecrets, make_tenant

CALL_ID = "virtualats:3489655c982f4e46b9c9ca975b031781"


def test_a_permalink_opens_to_the_calls_handle_and_tells_nothing_of_it(tenant):
    link = permalink(tenant, CALL_ID)

    assert opened(tenant, link) == call_handle(CALL_ID)
    assert "3489655c" not in link


def test_the_same_call_always_has_the_same_permalink(tenant):
    assert permalink(tenant, CALL_ID) == permalink(tenant, CALL_ID)


@pytest.mark.parametrize("text", ["", "a.b.c", "k1." + "0" * 32 + ".short", "k1." + "g" * 32 + "." + "A" * 22])
def test_what_is_ill_formed_opens_nothing(tenant, text):
    with pytest.raises(UnknownPermalink):
        opened(tenant, text)


def test_every_single_changed_character_closes_it(tenant):
    link = permalink(tenant, CALL_ID)
    for position, character in enumerate(link):
        # The last character of unpadded base64 carries unused bits, so it is changed to one far away.
        changed = link[:position] + ("x" if character != "x" else "4") + link[position + 1 :]
        with pytest.raises(UnknownPermalink):
            opened(tenant, changed)


def test_without_a_key_there_are_no_permalinks():
    with pytest.raises(NotConfigured):
        permalink(make_tenant(secrets=MemorySecrets()), CALL_ID)
