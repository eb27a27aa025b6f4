import pytest

from santral.crm.leads import create_lead
from santral.crm.matching import match

EVERYBODY = [
    ("Contacts", "Elif Yılmaz", "+905321234567"),
    ("Contacts", "Çağrı Öztürk", "+905339876543"),
    ("Contacts", "Nigar Həsənova", "+994502123456"),
    ("Contacts", "Gülşən Quliyeva", "+994703332211"),
    ("Leads", "Rəşad Məmmədov", "+994557967473"),
    ("Leads", "Ümit Işık", "+905321112233"),
    ("Leads", "Fidan Əliyeva", "+994509876543"),
    ("Leads", "Ömer Doğan", "+905427654321"),
    ("Leads", "Aytən İsmayılova", "+994517654321"),
    ("Accounts", "Yılmaz İnşaat A.Ş.", "+902125551000"),
]


@pytest.mark.parametrize(("module", "name", "number"), EVERYBODY)
def test_everybody_is_found_however_the_number_is_written(tenant, crm, module, name, number):
    country = "AZ" if number.startswith("+994") else "TR"
    tenant.settings = tenant.settings.model_copy(update={"country": country})

    link = match(tenant, number)

    assert (link.module, link.name) == (module, name)
    assert crm.counts["composite"] == 1


def test_nobody_is_found_for_a_number_nobody_has(tenant):
    assert match(tenant, "+905051112233") is None


def test_of_a_couple_with_one_number_the_one_modified_last_is_taken(tenant, crm, clock):
    first = match(tenant, "+902164441234")
    assert first.name == "Şule Güneş"
    other = next(contact for contact in crm.contacts() if contact["Full_Name"] == "İlker Güneş")
    clock.pass_seconds(1)
    tenant.zoho.request("PUT", f"/Contacts/{other['id']}", safe=True, body={"data": [{"Description": "moved"}]})

    assert match(tenant, "+902164441234").name == "İlker Güneş"


def test_a_hidden_module_does_not_hide_the_others(tenant, crm):
    crm.layout.hidden_modules.add("Contacts")

    assert match(tenant, "+905339876543").module == "Leads"


def test_a_converted_lead_is_found_no_more(tenant, crm):
    lead = next(lead for lead in crm.leads() if lead["Full_Name"] == "Ümit Işık")
    crm.convert_lead(lead["id"])

    assert match(tenant, "+905321112233") is None


def test_a_removed_field_leaves_the_search_by_phone(tenant, crm):
    crm.layout.removed_fields.add(("Leads", "Mobile"))

    assert match(tenant, "+905321234567").name == "Elif Yılmaz"


def test_an_unknown_caller_becomes_one_lead_though_the_index_lags(tenant, crm, call):
    crm.arrange(index_lag_seconds=120)
    entry = call(**{"from": "+905051112233"})

    first = create_lead(tenant, entry)
    assert match(tenant, "+905051112233") is None
    second = create_lead(tenant, entry)

    assert first == second
    assert [commit.module for commit in crm.commits] == ["Leads"]
    lead = next(lead for lead in crm.leads() if lead["id"] == first.id)
    assert (lead["Phone"], lead["Owner"]["name"]) == ("+905051112233", "Mehmet Kaya")
    assert crm.layout.added_options == {}
