import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from operations.users_file import COLUMNS
from santral.store.directory import OpenDirectory, User

ROOT = Path(__file__).parents[3]
AYSE = "ayse@example.com"
MEHMET = "mehmet@example.com"


@pytest.fixture
def directory(company):
    return OpenDirectory(company.holdings.table)


@pytest.fixture
def file(tmp_path):
    """Write a file to import, lines or bytes, and return its path."""

    def write(*lines, content=None):
        path = tmp_path / "users.csv"
        path.write_bytes(content if content is not None else "\n".join(lines).encode())
        return path

    return write


def session(page):
    """The page's sample file, and its commands with what they print."""
    ((content, console),) = re.findall(r"```csv\n(.*?)```\n\n```\n(.*?)```", page, re.DOTALL)
    parts = re.split(r"^\$ python -m operations (.*)\n", console, flags=re.MULTILINE)[1:]
    return content, list(zip(parts[::2], parts[1::2], strict=True))


def test_the_manuals_session_is_what_one_sees(run, file, directory, monkeypatch):
    monkeypatch.setattr("operations.screen._out", lambda: Console(highlight=False, width=120))
    directory.put(User(email=AYSE, extensions={"virtualats": ("101",)}, language="tr"))
    directory.put(User(email=MEHMET, extensions={"virtualats": ("102",)}, language="tr"))
    content, commands = session((ROOT / "docs" / "operations.md").read_text(encoding="utf-8"))
    path = file(content=content.encode())

    assert len(commands) == 5
    for line, printed in commands:
        seen = run(line.replace("users.csv", str(path)))
        assert [it.rstrip() for it in seen.splitlines()] == printed.splitlines(), line


def rows(company, kind):
    return {key: row for key, row in company.tenant.table.rows.items() if key.startswith(kind)}


def test_a_file_becomes_the_directory(run, file, directory):
    printed = run(
        f"users import {file(','.join(COLUMNS), f'{AYSE},101 201,,1000,100,4876876000000100001,ayse@wap.example,az')}"
    )

    assert directory.user(AYSE) == User(
        email=AYSE,
        extensions={"virtualats": ("101", "201"), "verimor": ("1000",)},
        agent_number="100",
        zoho_user_id="4876876000000100001",
        wapcrm_user="ayse@wap.example",
        language="az",
    )
    for provider, extension in (("virtualats", "101"), ("virtualats", "201"), ("verimor", "1000")):
        assert directory.owner_of(provider, extension).email == AYSE
    assert "1 added, 0 changed, 0 unchanged." in printed
    assert f"{AYSE}: added, virtualats 101 201, verimor 1000, agent_number 100, " in printed


@pytest.mark.parametrize(
    "content",
    [
        f"email,virtualats\n{AYSE},101\n".encode(),
        f"email;virtualats\r\n{AYSE};101\r\n".encode(),
        "\ufeffEMAIL,VirtualATS\n\n Ayse@Example.com , 101 \n,\n".encode(),
        f'"email";"virtualats"\n"{AYSE}";"101"'.encode(),
    ],
    ids=["commas", "semicolons and CRLF", "mark, capitals, spaces and empty lines", "quotes"],
)
def test_a_file_is_read_however_a_spreadsheet_saves_it(run, file, directory, content):
    run(f"users import {file(content=content)}")

    assert directory.user(AYSE) == User(email=AYSE, extensions={"virtualats": ("101",)})


def test_importing_again_changes_nothing_and_writes_nothing(run, file, company):
    path = file("email,virtualats", f"{AYSE},101", f"{MEHMET},102")
    run(f"users import {path}")
    before, writes = dict(company.tenant.table.rows), company.tenant.table.writes

    assert "0 added, 0 changed, 2 unchanged." in run(f"users import {path}")
    assert (company.tenant.table.rows, company.tenant.table.writes) == (before, writes)


def test_a_dry_run_says_the_same_and_writes_nothing(run, file, company):
    printed = run(f"users import {file('email,virtualats', f'{AYSE},101')} --dry-run")

    assert "1 added, 0 changed, 0 unchanged. Nothing was written." in printed
    assert company.tenant.table.rows == {}


def test_users_and_columns_that_are_not_in_the_file_stay(run, file, directory):
    directory.put(User(email=AYSE, extensions={"virtualats": ("101",), "verimor": ("1000",)}, language="az"))
    directory.put(User(email=MEHMET, extensions={"virtualats": ("102",)}))
    run(f"users import {file('email,verimor', f'{AYSE},1001')}")

    extensions = {"virtualats": ("101",), "verimor": ("1001",)}
    assert directory.user(AYSE) == User(email=AYSE, extensions=extensions, language="az")
    assert directory.user(MEHMET).extension("virtualats") == "102"


def test_an_empty_cell_takes_away_and_the_extension_leads_nowhere(run, file, directory, company):
    directory.put(User(email=AYSE, extensions={"virtualats": ("101", "201")}, language="az"))
    printed = run(f"users import {file('email,virtualats,language', f'{AYSE},,')}")

    assert directory.user(AYSE) == User(email=AYSE)
    assert rows(company, "EXTENSION#") == {}
    assert "virtualats 101 201 -> none" in printed


def test_an_extension_that_moves_leads_to_its_new_user_alone(run, file, directory):
    directory.put(User(email=MEHMET, extensions={"virtualats": ("101", "102"), "verimor": ("1000",)}))
    printed = run(f"users import {file('email,virtualats', f'{AYSE},101')}")

    assert directory.owner_of("virtualats", "101").email == AYSE
    assert directory.user(MEHMET).extensions == {"virtualats": ("102",), "verimor": ("1000",)}
    assert f"virtualats 101 taken from {MEHMET}" in printed


@pytest.mark.parametrize("order", [1, -1])
def test_two_users_may_swap_their_extensions_whoever_comes_first(run, file, directory, order):
    directory.put(User(email=AYSE, extensions={"virtualats": ("101",)}))
    directory.put(User(email=MEHMET, extensions={"virtualats": ("102",)}))
    printed = run(f"users import {file('email,virtualats', *[f'{AYSE},102', f'{MEHMET},101'][::order])}")

    assert directory.owner_of("virtualats", "102") == User(email=AYSE, extensions={"virtualats": ("102",)})
    assert directory.owner_of("virtualats", "101") == User(email=MEHMET, extensions={"virtualats": ("101",)})
    assert "2 changed" in printed
    assert "taken" not in printed


def test_a_way_back_that_was_lost_is_found_again(run, file, directory, company):
    directory.put(User(email=AYSE, extensions={"virtualats": ("101",)}))
    company.holdings.table.remove("EXTENSION#virtualats#101")

    assert "virtualats 101 leads back again" in run(f"users import {file('email,virtualats', f'{AYSE},101')}")
    assert directory.owner_of("virtualats", "101").email == AYSE


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["email,phone", f"{AYSE},1"], "line 1: there is no column “phone”"),
        (["virtualats", "101"], "line 1: the column email is missing"),
        ([], "line 1: the column email is missing"),
        (["email,email", f"{AYSE},{AYSE}"], "line 1: the column email is there twice"),
        (["email,virtualats", f"{AYSE}"], "line 2: has 1 cells, the header 2"),
        (["email,virtualats", "", "ayse,101"], "line 3, email: “ayse” is not an e-mail address"),
        (["email,virtualats", ",101"], "line 2, email: “” is not an e-mail address"),
        (["email", f"{'a' * 250}@example.com"], "is not an e-mail address"),
        (["email,virtualats", f"{AYSE},101 1"], "line 2, virtualats: “1” is not an extension"),
        (["email,virtualats", f"{AYSE},101 101"], "line 2, virtualats: an extension is there twice"),
        (["email,agent_number", f"{AYSE},x"], "line 2, agent_number: “x” is not an agent number"),
        (["email,zoho_user_id", f"{AYSE},4.87688E+18"], "line 2, zoho_user_id: “4.87688E+18” is not a Zoho user id"),
        (["email,wapcrm_user", f"{AYSE},a b"], "line 2, wapcrm_user: “a b” is not a WapCRM user"),
        (["email,language", f"{AYSE},de"], "line 2, language: “de” is not a language"),
        (["email", AYSE, MEHMET, AYSE.upper()], f"line 4, email: “{AYSE}” is on line 2 already"),
        (["email,verimor", f"{AYSE},101", f"{MEHMET},101"], "line 3, verimor: “101” is on line 2 already"),
    ],
)
def test_what_is_wrong_is_named_by_its_line_and_nothing_is_written(run, file, company, lines, problem):
    printed = run(f"users import {file(*lines)}", code=1)

    assert problem in printed
    assert "Nothing was imported." in printed
    assert company.tenant.table.rows == {}


def test_everything_wrong_is_named_at_once_and_what_is_right_waits(run, file, company):
    printed = run(f"users import {file('email,language', 'a,tr', f'{AYSE},xx', f'{MEHMET},tr')}", code=1)

    assert ("line 2, email" in printed, "line 3, language" in printed) == (True, True)
    assert company.tenant.table.rows == {}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("email\nçağrı@örnek.com".encode("iso-8859-9"), "The file is not UTF-8."),
        ("email\n".encode("utf-16"), "The file is not UTF-8."),
        (b"email\n" + b"a" * 200_000, "The file is no CSV: "),
    ],
)
def test_what_is_no_such_file_is_said(run, file, content, problem):
    assert problem in run(f"users import {file(content=content)}", code=1)


def test_the_list_shows_everyone_by_mail(run, directory):
    directory.put(User(email=MEHMET, extensions={"virtualats": ("102", "202")}))
    directory.put(User(email=AYSE, language="az"))

    printed = run("users list").splitlines()
    assert [line.split()[0] for line in printed] == ["email", AYSE, MEHMET]
    assert "102 202" in printed[2]
    assert json.loads(run("users list --json")) == [
        {"email": AYSE, "extensions": {}, "language": "az"},
        {"email": MEHMET, "extensions": {"virtualats": ["102", "202"]}},
    ]


def test_an_empty_directory_says_so(run, company):
    assert run("users list") == "Nobody is in the directory.\n"
    assert json.loads(run("users list --json")) == []


def test_a_list_longer_than_a_page_is_whole(directory, monkeypatch):
    monkeypatch.setattr("santral.store.directory._PAGE_ROWS", 2)
    for number in range(5):
        directory.put(User(email=f"{number}@example.com"))

    assert [user.email[0] for user in directory.everyone()] == list("01234")


def test_a_removed_user_is_nowhere_and_others_stay(run, directory, company):
    directory.put(User(email=AYSE, extensions={"virtualats": ("101",)}))
    directory.put(User(email=MEHMET, extensions={"virtualats": ("102",)}))

    assert f"{AYSE}: would be removed." in run(f"users remove {AYSE} --dry-run")
    assert directory.user(AYSE) is not None
    assert f"{AYSE}: removed." in run(f"users remove {AYSE.upper()}")
    assert f"{AYSE}: not in the directory." in run(f"users remove {AYSE}")
    assert directory.user(AYSE) is directory.owner_of("virtualats", "101") is None
    assert directory.owner_of("virtualats", "102").email == MEHMET
    assert len(company.tenant.table.rows) == 2


def test_removing_takes_no_extension_from_who_has_it_by_now(run, directory, company):
    directory.put(User(email=AYSE, extensions={"virtualats": ("101",)}))
    company.tenant.table.rows["EXTENSION#virtualats#101"]["email"] = MEHMET
    directory.remember(User(email=MEHMET, extensions={"virtualats": ("101",)}))
    run(f"users remove {AYSE}")

    assert directory.owner_of("virtualats", "101").email == MEHMET
