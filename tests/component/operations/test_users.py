"""The user directory kept from a file, on the running system."""

import json

import pytest


@pytest.fixture
def users(run):
    """The directory as `users list` tells it, by e-mail."""
    return lambda: {user["email"]: user for user in json.loads(run("users list --json"))}


def test_who_is_imported_dials_who_gave_up_an_extension_does_not_and_who_is_removed_is_unknown(
    run, users, company, tmp_path
):
    before = users()
    path = tmp_path / "users.csv"
    path.write_text("email;virtualats;language\nelif@example.com;102 105;tr\n", encoding="utf-8-sig")

    assert "elif@example.com: added, " in run(f"users import {path} --dry-run")
    assert users() == before
    assert "virtualats 102 taken from mehmet@example.com" in run(f"users import {path}")
    assert "0 added, 0 changed, 1 unchanged." in run(f"users import {path}")
    assert users()["elif@example.com"]["extensions"] == {"virtualats": ["102", "105"]}
    assert company.row("EXTENSION#virtualats#102")["email"] == {"S": "elif@example.com"}

    def dial(user):
        return company.post("/calls", {"to": "0532 123 45 67", "provider": "virtualats"}, X_Crm_User=user)

    assert dial("elif@example.com").status_code == 202
    assert dial("mehmet@example.com").json()["code"] == "unknown_user"

    assert "elif@example.com: removed." in run("users remove elif@example.com")
    assert dial("elif@example.com").json()["code"] == "unknown_user"
    assert company.row("EXTENSION#virtualats#105") is None

    path.write_text("email,virtualats\nmehmet@example.com,102\n", encoding="utf-8")
    run(f"users import {path}")
    assert users() == before
    assert dial("mehmet@example.com").status_code == 202
