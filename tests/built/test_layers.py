import shutil
import subprocess
import sys

import pytest

from tests.template.stack import ROOT

LAYERS = ("DependenciesLayer", "SantralLayer", "AudioLayer")
_UNCHECKED_HASH = 1  # the flags in a .pyc file: https://peps.python.org/pep-0552/
_AARCH64 = 183  # e_machine in an ELF file

# Every package a function may import, and each AWS client one may make.
IMPORT_EVERYTHING = """
import importlib, pkgutil
import boto3, phonenumbers, pydantic, requests, soundfile
import aws_lambda_powertools.event_handler, aws_lambda_powertools.metrics, aws_lambda_powertools.utilities.batch
import santral
for module in pkgutil.walk_packages(santral.__path__, "santral."):
    importlib.import_module(module.name)
for service in ("dynamodb", "s3", "secretsmanager", "sqs", "sts"):
    boto3.client(service, region_name="eu-central-1", aws_access_key_id="-", aws_secret_access_key="-")
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


@pytest.mark.parametrize(("layer", "megabytes"), [("DependenciesLayer", 40), ("SantralLayer", 2), ("AudioLayer", 5)])
def test_a_layer_stays_small(build, layer, megabytes):
    assert size(build / layer) <= megabytes * 1_000_000


@pytest.mark.parametrize("layer", LAYERS)
def test_every_module_is_compiled_for_lambdas_python_and_never_checked_against_its_source(build, layer):
    sources = sorted((build / layer / "python").rglob("*.py"))
    assert sources
    for source in sources:
        compiled = source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"
        assert compiled.is_file(), source
        assert int.from_bytes(compiled.read_bytes()[4:8], "little") == _UNCHECKED_HASH, source


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


def test_our_layer_holds_our_package_and_nothing_else(build):
    ours = ROOT / "layers" / "santral" / "santral"
    # Of a catalogue the compiled form is read.
    unbuilt = {".pyc", ".po"}
    wanted = {file.relative_to(ours) for file in ours.rglob("*") if file.is_file() and file.suffix not in unbuilt}
    package = build / "SantralLayer" / "python" / "santral"
    held = {file.relative_to(package) for file in package.rglob("*") if file.is_file() and file.suffix != ".pyc"}

    assert held == wanted
    assert [entry.name for entry in package.parent.iterdir()] == ["santral"]


def test_the_layer_for_arm64_holds_code_for_arm64(arm64_build):
    libraries = [library for layer in LAYERS for library in (arm64_build / layer).rglob("*.so")]
    assert any("sndfile" in library.name for library in libraries)
    for library in libraries:
        assert int.from_bytes(library.read_bytes()[18:20], "little") == _AARCH64, library
