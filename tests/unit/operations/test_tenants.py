import tomllib

import pytest

import operations.tenants
from operations.stacks import Deployed
from tests.fakes.cloud import OUTPUTS


def overrides(file, tenant="acme"):
    return tomllib.loads(file.read_text(encoding="utf-8"))[tenant]["deploy"]["parameters"]["parameter_overrides"]


def test_adding_writes_what_differs_from_the_templates_defaults_and_what_a_country_means(operate, file):
    said = operate(
        "tenant add acme --region eu-west-1 --provider verimor --provider wapcrm --country AZ --alarm-email a@b.example"
    )

    assert said.splitlines() == [
        "acme stands in samconfig.toml: verimor, wapcrm in eu-west-1.",
        "Next: make deploy TENANT=acme",
    ]
    assert overrides(file) == [
        "Tenant=acme",
        "WithVerimor=true",
        "WithWapCrm=true",
        "TelephonyProvider=verimor",
        "Country=AZ",
        "TimeZone=Asia/Baku",
        "Language=az",
        "LogCallsFrom=2999-01-01T00:00:00Z",
        "AlarmEmail=a@b.example",
    ]


def test_any_parameter_can_be_set(operate, file):
    operate("tenant add acme --region eu-west-1 --provider kobikom --set Language=en --set MemorySize=1024")

    assert {"Language=en", "MemorySize=1024", "TelephonyProvider=kobikom"} <= set(overrides(file))


def test_in_a_rehearsal_the_embedded_aws_has_no_tls(operate, file, monkeypatch):
    monkeypatch.setenv("SANTRAL_REHEARSAL", "http://127.0.0.1:9")

    assert "A rehearsal: without TLS" in operate("tenant add acme --region eu-west-1 --provider verimor")
    assert "RequireTls=false" in overrides(file)


CERTIFICATE = "arn:aws:acm:eu-west-1:000000000000:certificate/0"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("Acme", "Tenant is 2 to 31 lower-case letters, digits and hyphens, starting with a letter."),
        ("default", "default is no name for a tenant: sam reads that section when it is told none."),
        ("acme --region eu-central-9", "There is no AWS region eu-central-9."),
        ("acme --provider acmepbx", "There is no provider acmepbx. Known: virtualats, kobikom, verimor, wapcrm."),
        ("acme --country XX", "Country is one of TR, AZ."),
        ("acme --alarm-email nobody", "AlarmEmail is empty or one e-mail address."),
        ("acme --domain calls.example.com", "A public domain and its certificate go together: give --domain and"),
        (f"acme --certificate {CERTIFICATE}", "A public domain and its certificate go together: give --domain and"),
        (
            f"acme --region eu-west-2 --domain calls.example.com --certificate {CERTIFICATE}",
            "The certificate must be of the stack's region, eu-west-2.",
        ),
        ("acme --set TimeZone=Europe/Instanbul", "There is no time zone Europe/Instanbul."),
        ("acme --set MemorySiz=512", "There is no parameter MemorySiz. Did you mean MemorySize?"),
        ("acme --set MemorySize=9", "MemorySize is 256 to 3008."),
        ("acme --set TelephonyProvider=kobikom", "TelephonyProvider is kobikom, which this tenant does not have."),
        ("acme --set WithKobikom=true", "Say --provider kobikom instead of --set WithKobikom=true."),
        ('acme --set AlarmEmail=a"b@c.example', "AlarmEmail holds a quotation mark, a backslash or a line break"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence_and_nothing_is_written(operate, file, line, sentence):
    defaults = "--region eu-west-1" if "--region" not in line else ""
    said = operate(f"tenant add {defaults} --provider verimor {line}", code=1)

    assert sentence in said
    assert said.endswith("Nothing was written.\n")
    assert not file.exists()


def test_all_that_is_wrong_is_told_at_once(operate):
    said = operate("tenant add acme --region eu-central-9 --provider verimor --country XX --set Language=xx", code=1)

    assert len(said.splitlines()) == 4


def test_a_tenant_is_added_once(operate, file):
    operate("tenant add acme --region eu-west-1 --provider verimor")
    before = file.read_bytes()

    assert "There is a tenant acme already." in operate("tenant add acme --region eu-west-2 --provider wapcrm", code=1)
    assert file.read_bytes() == before


def test_on_a_terminal_what_is_left_out_is_asked_for(operate, file, monkeypatch):
    asked = {}

    def answer(question, default):
        asked[question.split()[0]] = default
        return {"AWS": "eu-west-3", "Providers,": "kobikom wapcrm", "Country": "AZ"}.get(question.split()[0], default)

    monkeypatch.setattr(operations.tenants.screen, "is_terminal", lambda: True)
    monkeypatch.setattr(operations.tenants.typer, "prompt", answer)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    operate("tenant add acme")

    assert asked == {"AWS": "eu-central-1", "Providers,": "virtualats", "Country": "TR", "E-mail": ""}
    assert {"WithKobikom=true", "WithWapCrm=true", "TimeZone=Asia/Baku"} <= set(overrides(file))


def test_the_list_tells_how_each_stack_stands_and_since_when_calls_are_logged(operate, cloud):
    operate("tenant add acme --region eu-west-1 --provider verimor")
    operate("tenant add globex --region eu-west-2 --provider kobikom --set LogCallsFrom=2026-01-15T09:30:00+03:00")
    cloud.stacks["globex"] = Deployed("UPDATE_COMPLETE", {}, OUTPUTS)

    said = [line.rstrip().split(maxsplit=4) for line in operate("tenant list").splitlines()]

    assert said[1][:3] == ["acme", "eu-west-1", "verimor"]
    assert "not deployed" in " ".join(said[1])
    assert "not yet; python -m operations connect acme" in " ".join(said[1])
    assert said[2] == ["globex", "eu-west-2", "kobikom", "UPDATE_COMPLETE", "since 2026-01-15T09:30:00+03:00"]
    assert ("region", "eu-west-2") in cloud.done


def test_without_tenants_the_list_says_how_to_add_one(operate):
    assert operate("tenant list") == "There is no tenant. Add one: python -m operations tenant add\n"


def test_showing_tells_where_to_enter_what_and_no_token_unless_asked(operate, cloud):
    operate("tenant add acme --region eu-west-1 --provider virtualats --provider verimor")
    cloud.stacks["acme"] = Deployed("CREATE_COMPLETE", {}, OUTPUTS)
    cloud.secrets["acme", "virtualats"] = {"webhook_tokens": ["newest-hook", "older-hook"]}
    cloud.secrets["acme", "api"] = {"agent_tokens": ["agent-newest"], "admin_tokens": []}

    plain, with_tokens = operate("tenant show acme"), operate("tenant show acme --with-tokens")

    assert "https://phone.example/webhooks/virtualats/{token}" in plain
    assert "campaigns" not in plain
    assert "Who knows the token can tell us of calls" in plain
    assert "newest" not in plain
    assert "https://phone.example/webhooks/virtualats/newest-hook" in with_tokens
    assert "https://phone.example/webhooks/verimor/calls/{token}" in with_tokens
    assert "agent-newest" in with_tokens
    assert "older-hook" not in with_tokens


def test_an_own_domain_is_told_with_what_dns_is_to_say(operate, cloud):
    own = "--region eu-west-1 --domain calls.example.com"
    operate(f"tenant add acme --provider verimor {own} --certificate {CERTIFICATE}")
    outputs = {**OUTPUTS, "ApiUrl": "https://calls.example.com", "PublicDomainTarget": "d-1.execute-api.example"}
    cloud.stacks["acme"] = Deployed("CREATE_COMPLETE", {}, outputs)

    said = operate("tenant show acme")

    assert "The API is at https://calls.example.com\n" in said
    assert "DNS: calls.example.com is to be a CNAME of d-1.execute-api.example\n" in said


def test_one_parameter_is_told_bare_for_scripts(operate):
    operate("tenant add acme --region eu-west-1 --provider verimor --set Architecture=x86_64")

    assert operate("tenant show acme --parameter Architecture") == "x86_64\n"
    assert operate("tenant show acme --parameter RetentionDays") == "365\n"
    assert "there is no parameter Retention" in operate("tenant show acme --parameter Retention", code=2)


def test_removing_deletes_stack_and_secrets_and_keeps_the_data(operate, cloud, file):
    operate("tenant add acme --region eu-west-1 --provider verimor")
    cloud.stacks["acme"] = Deployed("CREATE_COMPLETE", {}, OUTPUTS)

    said = operate("tenant remove acme --confirm acme")

    assert "Kept: the table acme-Table-1 and the bucket acme-bucket-1." in said
    assert cloud.done[-2:] == [("delete", "acme"), ("delete secrets", "acme")]
    assert "acme" not in file.read_text(encoding="utf-8")


def test_removing_with_data_deletes_table_and_bucket_after_the_stack(operate, cloud):
    operate("tenant add acme --region eu-west-1 --provider verimor")
    cloud.stacks["acme"] = Deployed("CREATE_COMPLETE", {}, OUTPUTS)

    operate("tenant remove acme --with-data", typed="acme\n")

    assert [it[0] for it in cloud.done[-4:]] == ["delete", "delete secrets", "delete table", "delete bucket"]


@pytest.mark.parametrize("typed", ["globex\n", "yes\n"])
def test_removing_asks_for_the_name(operate, cloud, file, typed):
    operate("tenant add acme --region eu-west-1 --provider verimor")
    cloud.stacks["acme"] = Deployed("CREATE_COMPLETE", {}, OUTPUTS)
    before = file.read_bytes()

    assert "Nothing was removed." in operate("tenant remove acme", typed=typed, code=1)
    assert {it[0] for it in cloud.done} == {"region"}
    assert file.read_bytes() == before


def test_what_was_never_deployed_can_be_removed(operate, cloud, file):
    operate("tenant add acme --region eu-west-1 --provider verimor")

    operate("tenant remove acme --confirm acme")

    assert ("delete", "acme") not in cloud.done
    assert "acme" not in file.read_text(encoding="utf-8")
