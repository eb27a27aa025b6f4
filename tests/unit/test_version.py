"""One version, wherever it is told."""

import json
import re
import tomllib
from pathlib import Path

from santral import __version__
from santral.telemetry import logger

ROOT = Path(__file__).parents[2]


def test_the_package_the_project_its_layer_and_the_changelog_tell_the_same_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert project["project"]["version"] == __version__
    assert f"The santral package, version {__version__}\n" in (ROOT / "template.yaml").read_text(encoding="utf-8")
    assert re.findall(r"^## \[([^\]]+)\]", changelog, re.MULTILINE)[0] == __version__


def test_each_log_line_tells_which_version_wrote_it():
    formatter = logger.registered_handler.formatter
    line = formatter.format(logger.makeRecord("t", 20, "f", 1, "hello", (), None))

    assert json.loads(line)["version"] == __version__
