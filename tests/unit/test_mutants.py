import tomllib

import pytest

from tests.mutants import JUDGES, LEAST_PERCENT, ROOT, Verdict, settings, survivors, table, too_weak

FIGURES = {"total": 10, "killed": 6, "timeout": 2, "survived": 1, "no_tests": 1, "suspicious": 0}


@pytest.mark.parametrize("module", JUDGES)
def test_what_is_changed_and_what_judges_it_is_there(module):
    assert (ROOT / "layers" / "santral" / "santral" / module).is_file()
    assert all((ROOT / judge).is_file() for judge in JUDGES[module])


@pytest.mark.parametrize("module", JUDGES)
def test_only_the_module_is_changed_and_only_its_own_tests_judge(module):
    told = tomllib.loads(settings(module, '[project]\nname = "santral"'))

    assert told["project"] == {"name": "santral"}
    assert told["tool"]["mutmut"]["only_mutate"] == [f"src/santral/{module}"]
    assert told["tool"]["mutmut"]["pytest_add_cli_args_test_selection"] == JUDGES[module]


def test_a_mutant_that_never_ends_was_noticed_and_one_no_test_reaches_was_not():
    verdict = Verdict.of("calls.py", FIGURES)

    assert (verdict.mutants, verdict.killed, verdict.timed_out, verdict.survived) == (10, 6, 2, 2)
    assert verdict.percent == 80


@pytest.mark.parametrize("odd", [{"suspicious": 1, "survived": 0}, {"total": 11}, dict.fromkeys(FIGURES, 0)])
def test_figures_that_do_not_add_up_are_no_verdict(odd):
    with pytest.raises(ValueError, match="not all mutants were judged"):
        Verdict.of("calls.py", {**FIGURES, **odd})


def test_a_module_is_too_weak_below_the_bound_and_not_at_it():
    at_it = Verdict("at it", mutants=100, killed=LEAST_PERCENT, timed_out=0)
    below = Verdict("below", mutants=1000, killed=10 * LEAST_PERCENT - 1, timed_out=0)

    assert too_weak([at_it, below]) == ["below"]


def test_the_table_has_a_row_for_each_module():
    assert table([Verdict.of("calls.py", FIGURES)]).splitlines()[2:] == ["| calls.py | 10 | 6 | 2 | 2 | 80.0 |"]


def test_survivors_are_named_by_what_mutmut_lists():
    listed = """
    santral.calls.x_iso__mutmut_2: survived
    santral.calls.x_iso__mutmut_3: timeout
    santral.calls.xǁFactsǁtext__mutmut_4: no tests
    """

    assert survivors(listed) == ["santral.calls.x_iso__mutmut_2", "santral.calls.xǁFactsǁtext__mutmut_4"]
