import pytest

from santral.access import Doorkeeper
from santral.store.secrets import Secrets
from tests.fakes import MemorySecrets

TOKENS = {"agent_tokens": ["agent-new", "agent-old"], "admin_tokens": ["admin-1"]}


class Watch:
    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


def doorkeeper(source, watch=None):
    watch = watch or Watch()
    return Doorkeeper(Secrets(source, monotonic=watch))


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Bearer agent-new", "agent"),
        ("Bearer agent-old", "agent"),
        ("bearer admin-1", "admin"),
        ("Bearer nobody", None),
        ("Bearer ", None),
        ("agent-new", None),
        ("Basic agent-new", None),
        ("", None),
        ("Bearer agent-new\u00e9", None),
    ],
)
def test_a_token_carries_its_role_and_nothing_else_does(header, role):
    assert doorkeeper(MemorySecrets(api=TOKENS)).role(header) == role


def test_without_a_secret_nobody_gets_in():
    assert doorkeeper(MemorySecrets()).role("Bearer ") is None
    assert doorkeeper(MemorySecrets()).role("Bearer x") is None
    assert doorkeeper(MemorySecrets(api={"agent_tokens": []})).role("Bearer ") is None


def test_a_token_added_a_moment_ago_is_known_at_once():
    source = MemorySecrets(api=TOKENS)
    keeper = doorkeeper(source)
    assert keeper.role("Bearer agent-new") == "agent"

    source.texts["api"] = '{"agent_tokens": ["agent-newest"], "admin_tokens": []}'

    assert keeper.role("Bearer agent-newest") == "agent"


def test_a_flood_of_wrong_tokens_reads_the_secret_once_per_30_seconds():
    source, watch = MemorySecrets(api=TOKENS), Watch()
    keeper = doorkeeper(source, watch)

    for _ in range(100):
        keeper.role("Bearer wrong")
    reads_at_first = len(source.reads)
    watch.seconds = 31
    for _ in range(100):
        keeper.role("Bearer wrong")

    assert (reads_at_first, len(source.reads)) == (2, 3)
