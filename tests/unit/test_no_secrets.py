"""No secret is in the repository. What looks like one was looked at; `.secrets.baseline` lists it (`make secrets`)."""

import json
from pathlib import Path

import pytest
from detect_secrets.core.scan import get_files_to_scan
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import transient_settings

ROOT = Path(__file__).parents[2]
BASELINE = json.loads((ROOT / ".secrets.baseline").read_text(encoding="utf-8"))


@pytest.fixture
def found_in():
    """Search files, named from a folder, as the baseline was made."""

    def search(root, *names):
        found = SecretsCollection(root=str(root))
        with transient_settings({key: BASELINE[key] for key in ("plugins_used", "filters_used")}):
            for name in names:
                found.scan_file(name)
        return {(name, secret.type, secret.secret_hash) for name, secret in found}

    return search


def test_nothing_looks_like_a_secret_but_what_was_looked_at(found_in):
    known = {(name, each["type"], each["hashed_secret"]) for name, some in BASELINE["results"].items() for each in some}
    names = list(get_files_to_scan(str(ROOT), root=str(ROOT)))

    unknown = found_in(ROOT, *names) - known

    assert [(name, kind) for name, kind, _ in sorted(unknown)] == []
    assert len(names) > 500


@pytest.mark.parametrize(
    "planted",
    [
        'aws = "AKIA' + 'IOSFODNN7EXAMPLX"',
        '"secret_key": "' + "f3b1c9" * 6 + 'a7"',
        "-----BEGIN RSA PRIVATE" + " KEY-----",
    ],
)
def test_a_planted_secret_is_found(found_in, tmp_path, planted):
    (tmp_path / "settings.py").write_text(planted)

    assert found_in(tmp_path, "settings.py")
