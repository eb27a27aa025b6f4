"""What runs in a VPC is woken now and then, and that has no effect (docs/egress.md)."""

import importlib
import json

import pytest

from tests.fakes.doors import Context
from tests.template.stack import ROOT, written_template

WARM_UPS = {
    name.removesuffix("WarmUp"): it["Properties"]["Target"]["Input"]
    for name, it in written_template()["Resources"].items()
    if name.endswith("WarmUp")
}


def handler_of(function):
    handler = written_template()["Resources"][function]["Properties"]["Handler"]
    return importlib.import_module(handler.removesuffix(".handler")).handler


def test_most_functions_are_woken():
    assert ROOT.joinpath("docs", "egress.md").is_file()
    assert len(WARM_UPS) > 30


@pytest.mark.parametrize("function", WARM_UPS)
def test_being_woken_asks_nobody_and_reads_nothing(function, monkeypatch):
    def touched():
        pytest.fail("the tenant was touched")

    for module in ("santral.api", "santral.jobs", "santral.tenant"):
        monkeypatch.setattr(f"{module}.current", touched)
    handler = handler_of(function)

    answer = handler(json.loads(WARM_UPS[function]), Context())

    assert answer in ({"statusCode": 204}, {"batchItemFailures": []})
