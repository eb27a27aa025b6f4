import pytest

from tests.onboarding import PAGE, Step, steps

TABLE = Step("list", "tenant  stack\n…\nacme    CREATE_COMPLETE since …\n")


def test_the_page_goes_from_adding_a_tenant_to_taking_it_away():
    commands = [step.command for step in steps(PAGE.read_text(encoding="utf-8"))]

    assert commands[0].startswith("python -m operations tenant add acme ")
    assert "make deploy TENANT=acme" in commands
    assert commands.index("python -m operations connect acme") < commands.index("python -m operations doctor acme")
    assert commands[-1].startswith("python -m operations tenant remove acme")


def test_a_command_ends_where_the_next_begins():
    page = "text\n```console\n$ one\nsays\nmore\n$ two\n```\n```sh\nnot typed\n```\n"

    assert steps(page) == [Step("one", "says\nmore\n"), Step("two", "")]


@pytest.mark.parametrize(
    "printed",
    [
        "tenant  stack\nacme  CREATE_COMPLETE since 2026\n",
        "tenant       stack      \nfirst        \nglobex       gone   \nacme         CREATE_COMPLETE since now\n\n",
    ],
)
def test_what_differs_each_time_may_differ(printed):
    assert TABLE.is_answered_by(printed)


@pytest.mark.parametrize(
    "printed",
    [
        "",
        "tenant  stack\n",
        "tenant  stack\nacme  UPDATE_COMPLETE since 2026\n",
        "tenant  stack\nacme  CREATE_COMPLETE since \n",
        "tenant  stack\nacme  CREATE_COMPLETE since 2026\nTraceback\n",
        "Traceback\ntenant  stack\nacme  CREATE_COMPLETE since 2026\n",
    ],
)
def test_nothing_else_may(printed):
    assert not TABLE.is_answered_by(printed)


def test_another_tenants_step_is_the_same_with_its_name():
    assert Step("show acme", "acme: up\n").of("globex") == Step("show globex", "globex: up\n")
