import tomllib
from pathlib import Path

import pytest

from operations.samconfig import Deployment, SamConfig, UnknownTenant

ROOT = Path(__file__).parents[3]
ACME = Deployment("acme", "acme", "eu-central-1", {"Tenant": "acme", "DeniedDestinations": "+90900,+979"})
GLOBEX = Deployment("globex", "phone-globex", "eu-west-1", {"Tenant": "globex", "LogCallsFrom": "2999-01-01T00:00:00Z"})

BY_HAND = """\
version = 0.1

# Ours: one text, as `sam deploy --guided` writes it.
[byhand.deploy.parameters]
stack_name = "byhand"
region = "eu-west-3"
parameter_overrides = "Tenant=\\"byhand\\" Language=\\"az\\""

# Said about the next one.
[other.build.parameters]
cached = true
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "samconfig.toml"


@pytest.fixture
def config(file):
    return SamConfig(file)


def test_a_tenant_is_read_as_it_was_written(config):
    for it in (ACME, GLOBEX):
        config.add(it)

    assert config.deployments() == [ACME, GLOBEX]
    assert config.deployment("globex") == GLOBEX


def test_a_section_holds_all_that_sam_needs_since_sections_inherit_nothing(config, file):
    config.add(ACME)

    section = tomllib.loads(file.read_text(encoding="utf-8"))["acme"]["deploy"]["parameters"]
    assert section == {
        "stack_name": "acme",
        "region": "eu-central-1",
        "capabilities": ["CAPABILITY_IAM"],
        "resolve_s3": True,
        "confirm_changeset": True,
        "parameter_overrides": ["Tenant=acme", "DeniedDestinations=+90900,+979"],
    }


def test_what_was_written_by_hand_stays_as_it_is(config, file):
    file.write_text(BY_HAND, encoding="utf-8")

    config.add(ACME)
    config.add(GLOBEX)
    config.set_parameter("acme", "Language", "az")
    config.set_parameter("globex", "LogCallsFrom", "2026-01-15T09:30:00+00:00")
    assert config.deployment("byhand").parameters == {"Tenant": "byhand", "Language": "az"}
    assert config.deployment("acme").parameters == {"Language": "az", **ACME.parameters}
    assert config.deployment("globex").parameters["LogCallsFrom"] == "2026-01-15T09:30:00+00:00"
    assert file.read_text(encoding="utf-8").startswith(BY_HAND)
    config.remove("acme")
    config.remove("globex")

    assert file.read_text(encoding="utf-8") == BY_HAND


def test_taking_one_out_leaves_what_is_said_about_the_next(config, file):
    file.write_text(BY_HAND, encoding="utf-8")

    config.remove("byhand")

    assert "# Said about the next one.\n[other.build.parameters]\ncached = true\n" in file.read_text(encoding="utf-8")
    assert config.deployments() == []


def test_the_repositorys_own_file_takes_tenants(config, file):
    own = (ROOT / "samconfig.toml").read_text(encoding="utf-8")
    file.write_text(own, encoding="utf-8")

    config.add(ACME)
    config.remove("acme")

    assert file.read_text(encoding="utf-8") == own


def test_an_unknown_tenant_is_told_with_those_there_are(config):
    config.add(ACME)

    with pytest.raises(UnknownTenant) as caught:
        config.deployment("globex")

    assert str(caught.value.sentence) == "There is no tenant globex in samconfig.toml. Known: acme."
