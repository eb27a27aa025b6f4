"""The widget's package, by the packer that Zoho gives to those who upload one."""

import shutil
import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.missing import missing

ROOT = Path(__file__).parents[3]
BUILT = ROOT / ".local" / "widget"
PACKER = ROOT / "zoho" / "widget" / "node_modules" / "zoho-extension-toolkit"
# Zoho's page refuses more; ours is to stay far below.
LARGEST = 1_000_000


@pytest.fixture
def built(tmp_path):
    if not (PACKER.is_dir() and (BUILT / "app" / "widget.html").is_file()):
        missing("The widget is not built: run `make widget`, which needs npm.")
    shutil.copytree(BUILT / "app", tmp_path / "widget" / "app")
    shutil.copy(BUILT / "plugin-manifest.json", tmp_path / "widget")
    return tmp_path / "widget"


def pack(folder):
    return subprocess.run(
        ["scripts/pack-widget", folder], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )


def test_zohos_packer_takes_the_widget_as_it_is_built(built):
    done = pack(built)

    assert done.returncode == 0, done.stdout + done.stderr
    with ZipFile(built / "dist" / "widget.zip") as packed:
        names = set(packed.namelist())
        assert {"app/widget.html", "app/widget.js", "app/widget.css", "app/translations/en.json"} <= names
        assert "plugin-manifest.json" not in names, "Zoho CRM does not want it"
        assert sum(each.file_size for each in packed.infolist()) < LARGEST
        assert b"ZohoEmbededAppSDK" in packed.read("app/widget.html")
    assert sorted(path.name for path in built.iterdir()) == ["app", "dist", "plugin-manifest.json"]


def test_a_file_that_zoho_would_leave_out_is_not_left_out_silently(built):
    (built / "app" / "widget.wasm").write_bytes(b"\0asm")

    done = pack(built)

    assert done.returncode != 0
    assert "widget.wasm" in done.stderr
