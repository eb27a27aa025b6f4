"""Each function has its own role's rights and no others."""

import pytest


@pytest.mark.parametrize(
    ("action", "outcome"),
    [
        ("put", "done"),
        ("scan", "AccessDeniedException"),
        ("put-mine", "done"),
        ("put-other", "AccessDenied"),
        ("secret", "AccessDeniedException"),
    ],
)
def test_a_function_may_do_what_its_role_allows(small_sandbox, action, outcome):
    assert small_sandbox.invoke("Writer", {"do": action}).json() == outcome


def test_workers_are_replaced_before_their_credentials_expire(small_sandbox, monkeypatch):
    pool = small_sandbox.pools["Writer"]
    small_sandbox.invoke("Writer", {"do": "put"})
    before = pool.process_ids()

    monkeypatch.setattr("sandbox.runtime._CREDENTIALS_MARGIN", 4000.0)
    small_sandbox.invoke("Writer", {"do": "put"})

    assert pool.process_ids() != before
    assert len(pool.process_ids()) == len(before)
