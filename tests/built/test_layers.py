import json
import marshal
import re
import shutil
import subprocess
import sys
from importlib.util import MAGIC_NUMBER

import pytest

from tests.template.stack import ROOT

THIRD_PARTIES = ("DependenciesLayer", "AudioLayer")
LAYERS = (*THIRD_PARTIES, "SantralLayer")
OURS = ROOT / "layers" / "santral" / "santral"
_UNCHECKED_HASH = 1  # the flags in a .pyc file: https://peps.python.org/pep-0552/
_HEADER = 16  # bytes before the code itself, likewise
_AARCH64 = 183  # e_machine in an ELF file

# Every package a function may import, and each AWS client one may make.
IMPORT_EVERYTHING = """
import importlib, pkgutil
import botocore.session, phonenumbers, pydantic, requests, soundfile
import aws_lambda_powertools.event_handler, aws_lambda_powertools.metrics, aws_lambda_powertools.utilities.batch
import santral
for module in pkgutil.walk_packages(santral.__path__, "santral."):
    importlib.import_module(module.name)
session = botocore.session.get_session()
for service, listing in (
    ("dynamodb", "tables"), ("s3", "buckets"), ("secretsmanager", "secrets"), ("sqs", "queues")
):
    client = session.create_client(service, "eu-central-1", aws_access_key_id="-", aws_secret_access_key="-")
    client.generate_presigned_url("list_" + listing)
"""


def import_everything_from(*layers):
    path = ":".join(str(layer / "python") for layer in layers)
    return subprocess.run(
        [sys.executable, "-S", "-c", IMPORT_EVERYTHING],
        env={"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def size(folder):
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize(("layer", "megabytes"), [("DependenciesLayer", 40), ("SantralLayer", 1), ("AudioLayer", 5)])
def test_a_layer_stays_small(build, layer, megabytes):
    # As Lambda counts: its limit of 250 MB are 262,144,000 bytes.
    assert size(build / layer) <= megabytes * 1024 * 1024


@pytest.mark.parametrize("layer", THIRD_PARTIES)
def test_every_module_is_compiled_for_lambdas_python_and_never_checked_against_its_source(build, layer):
    sources = sorted((build / layer / "python").rglob("*.py"))
    assert sources
    for source in sources:
        assert_compiled_for_good(source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc")


def test_our_package_is_there_as_bytecode_alone(build):
    package = build / "SantralLayer" / "python" / "santral"
    wanted = {source.relative_to(OURS).with_suffix(".pyc") for source in OURS.rglob("*.py")}

    assert {file.relative_to(package) for file in package.rglob("*.py*")} == wanted
    for module in wanted:
        assert_compiled_for_good(package / module)


def test_our_bytecode_tells_files_and_lines_as_lambda_has_them(build):
    lines = len((OURS / "errors.py").read_text(encoding="utf-8").splitlines())
    compiled = (build / "SantralLayer" / "python" / "santral" / "errors.pyc").read_bytes()
    code = marshal.loads(compiled[_HEADER:])

    assert code.co_filename == "/opt/python/santral/errors.py"
    assert lines > max(line for _, _, line in code.co_lines() if line) > lines / 2


def assert_compiled_for_good(compiled):
    assert compiled.is_file(), compiled
    head = compiled.read_bytes()[:8]
    assert head[:4] == MAGIC_NUMBER, compiled
    assert int.from_bytes(head[4:], "little") == _UNCHECKED_HASH, compiled


def test_importing_from_the_layers_writes_nothing(build):
    before = {file: file.stat().st_mtime_ns for layer in LAYERS for file in (build / layer).rglob("*")}

    imported = import_everything_from(*(build / layer for layer in LAYERS))

    assert imported.returncode == 0, imported.stderr
    assert {file: file.stat().st_mtime_ns for layer in LAYERS for file in (build / layer).rglob("*")} == before


def test_importing_from_the_layers_compiles_nothing(build, tmp_path):
    for layer in LAYERS:
        shutil.copytree(build / layer, tmp_path / layer)
        for source in (tmp_path / layer).rglob("*.py"):
            source.write_text("raise RuntimeError('compiled anew')\n", encoding="utf-8")

    imported = import_everything_from(*(tmp_path / layer for layer in LAYERS))

    assert imported.returncode == 0, imported.stderr


def test_of_aws_only_the_services_we_use_are_described_and_briefly(build):
    data = build / "DependenciesLayer" / "python" / "botocore" / "data"
    described = {folder.name for folder in data.iterdir() if folder.is_dir()}

    assert described == {"dynamodb", "s3", "secretsmanager", "sqs"}
    for partition in json.loads((data / "endpoints.json").read_text(encoding="utf-8"))["partitions"]:
        assert partition["services"].keys() <= described
    assert list(data.rglob("*.gz")) == []
    assert [file for file in data.rglob("*.json") if re.search(r'"documentation":"[^"]', file.read_text("utf-8"))] == []


def test_our_layer_holds_our_package_and_nothing_else(build):
    catalogues = {file.relative_to(OURS) for file in OURS.rglob("*.mo")}
    package = build / "SantralLayer" / "python" / "santral"
    held = {file.relative_to(package) for file in package.rglob("*") if file.is_file() and file.suffix != ".pyc"}

    assert held == catalogues
    assert [entry.name for entry in package.parent.iterdir()] == ["santral"]


def test_the_layer_for_arm64_holds_code_for_arm64(arm64_build):
    libraries = [library for layer in LAYERS for library in (arm64_build / layer).rglob("*.so")]
    assert any("sndfile" in library.name for library in libraries)
    for library in libraries:
        assert int.from_bytes(library.read_bytes()[18:20], "little") == _AARCH64, library
