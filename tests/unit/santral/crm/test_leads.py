import pytest

from santral.calls import RecordLink
from santral.crm.leads import create_lead, create_leads
from santral.errors import Conflict, OutcomeUnknown, Unanswered
from santral.keys import pseudonyms
from santral.store.lead_attempts import IN_FLIGHT_SECONDS
from santral.zoho.client import RecordRefused
from tests.fakes import MemorySecrets, make_tenant

NUMBER = "+905321234567"
KEYS = {"keys": {"k1": "permalink-signing-key"}}


@pytest.fixture
def tenant(tenant, zoho):
    with_keys = make_tenant(secrets=MemorySecrets(permalinks=KEYS))
    with_keys.zoho, with_keys.table = zoho, tenant.table
    return with_keys


@pytest.fixture
def another_worker(tenant):
    """Begin to make the lead of a caller, as somebody else who is at work at the same time."""

    def begin(number=NUMBER):
        return tenant.lead_attempts.begin(pseudonyms(tenant, "lead", number)[0])

    return begin


def numbers(count):
    return [f"+90532123{last:04}" for last in range(4560, 4560 + count)]


def attempts(tenant):
    return [row for pk, row in tenant.table.rows.items() if pk.startswith("LEAD_ATTEMPT#")]


def test_a_lead_gets_the_callers_name_number_owner_and_the_customers_word_for_phone(tenant, zoho, call):
    assert create_lead(tenant, call(caller_name="Elif Yılmaz")) == RecordLink(
        module="Leads", id="777", name="Elif Yılmaz"
    )

    [(path, lead)] = zoho.writes
    assert path == "/Leads"
    assert lead == {
        "Last_Name": "Elif Yılmaz",
        "Phone": NUMBER,
        "Company": "Elif Yılmaz",
        "Lead_Source": "Phone",
        "Owner": {"id": "5487001"},
        "Description": "Created for the call virtualats:abc-1.",
    }


def test_a_nameless_caller_is_named_after_the_number(tenant, zoho, call):
    create_lead(tenant, call())

    assert zoho.writes[0][1]["Last_Name"] == f"Unknown caller {NUMBER}"


def test_no_option_is_added_to_the_customers_lead_sources(tenant, zoho, call):
    zoho.layouts["Leads"] = zoho.layouts["Leads"].model_copy(update={"options": {"Lead_Source": ("Web",)}})

    create_lead(tenant, call())

    assert "Lead_Source" not in zoho.writes[0][1]


def test_the_first_to_make_a_callers_lead_need_not_look(tenant, zoho, call):
    assert create_lead(tenant, call()).id == "777"

    assert [path for _, path, *_ in zoho.requests] == ["/Leads"]


def test_a_lead_made_a_moment_ago_is_not_made_again(tenant, zoho, call):
    create_lead(tenant, call())
    zoho.rows = [{"id": "777", "Full_Name": "Unknown caller", "Phone": NUMBER}]

    assert create_lead(tenant, call()) == RecordLink(module="Leads", id="777", name="Unknown caller")
    assert [path for _, path, *_ in zoho.requests] == ["/Leads", "/coql"]


def test_a_lead_that_somebody_deleted_is_made_again(tenant, zoho, call):
    create_lead(tenant, call())
    create_lead(tenant, call())

    assert [path for _, path, *_ in zoho.requests] == ["/Leads", "/coql", "/Leads"]


def test_a_lead_another_worker_is_making_is_waited_for(tenant, zoho, call, another_worker):
    another_worker()
    with pytest.raises(Conflict) as making:
        create_lead(tenant, call())
    assert making.value.retry_after == IN_FLIGHT_SECONDS
    assert zoho.writes == []

    tenant.clock.pass_seconds(IN_FLIGHT_SECONDS)

    assert create_lead(tenant, call()).id == "777"


def test_a_lead_another_worker_has_made_is_taken_although_it_has_not_said_so(tenant, zoho, call, another_worker):
    another_worker()
    zoho.rows = [{"id": "55", "Full_Name": "Unknown caller", "Phone": NUMBER}]

    assert create_lead(tenant, call()).id == "55"


def test_who_looks_while_another_begins_anew_does_not_make_a_second_one(tenant, zoho, call, another_worker):
    create_lead(tenant, call())
    request = zoho.request

    def overtaken(method, path, **how):
        if path == "/coql":
            tenant.lead_attempts.begin_after(another_worker())
        return request(method, path, **how)

    zoho.request = overtaken
    with pytest.raises(Conflict):
        create_lead(tenant, call())
    assert len(zoho.writes) == 1


def test_an_insert_without_an_answer_is_looked_for_when_it_has_had_its_time(tenant, zoho, call):
    zoho.refusals = [OutcomeUnknown("no answer")]
    with pytest.raises(OutcomeUnknown):
        create_lead(tenant, call())
    with pytest.raises(Conflict):
        create_lead(tenant, call())
    tenant.clock.pass_seconds(IN_FLIGHT_SECONDS)
    zoho.rows = [{"id": "777", "Full_Name": "Unknown caller", "Phone": NUMBER}]

    assert create_lead(tenant, call()).id == "777"
    assert len(zoho.writes) == 1


@pytest.mark.parametrize("failure", [RecordRefused("INVALID_DATA", "Last_Name"), Unanswered("busy with itself")])
def test_what_certainly_was_not_made_may_be_tried_again_at_once(tenant, zoho, call, failure):
    zoho.refusals = [failure]
    with pytest.raises(type(failure)):
        create_lead(tenant, call())

    assert create_lead(tenant, call()).id == "777"
    assert [path for _, path, *_ in zoho.requests] == ["/Leads", "/coql", "/Leads"]


def test_who_cannot_look_now_makes_none_and_the_others_get_theirs(tenant, zoho, call, another_worker):
    another_worker(numbers(2)[0])
    request = zoho.request

    def unanswered(method, path, **how):
        if path == "/coql":
            raise Unanswered("no answer")
        return request(method, path, **how)

    zoho.request = unanswered
    made = create_leads(tenant, {number: call() for number in numbers(2)})

    assert [type(lead) for lead in made.values()] == [Unanswered, RecordLink]


def test_where_looking_is_refused_the_lead_of_an_earlier_attempt_is_still_waited_for(
    tenant, zoho, call, another_worker
):
    another_worker()
    request = zoho.request

    def refused(method, path, **how):
        if path == "/coql":
            raise RecordRefused("NO_PERMISSION")
        return request(method, path, **how)

    zoho.request = refused
    with pytest.raises(Conflict):
        create_lead(tenant, call())
    tenant.clock.pass_seconds(IN_FLIGHT_SECONDS)

    assert create_lead(tenant, call()).id == "777"


def test_no_number_stands_in_what_remembers_the_attempts(tenant, call):
    create_lead(tenant, call())

    [row] = attempts(tenant)
    assert NUMBER[-7:] not in str(row)


def test_another_key_does_not_make_the_attempts_forgotten(tenant, zoho, call):
    create_lead(tenant, call())
    later = make_tenant(secrets=MemorySecrets(permalinks={"keys": {**KEYS["keys"], "k2": "another-key"}}))
    later.zoho, later.table = zoho, tenant.table
    zoho.rows = [{"id": "777", "Full_Name": "Unknown caller", "Phone": NUMBER}]

    assert create_lead(later, call()).id == "777"
    assert len(zoho.writes) == 1


def test_without_a_key_everybody_is_looked_for_first(tenant, zoho, call):
    keyless = make_tenant()
    keyless.zoho = zoho
    zoho.rows = [{"id": "55", "Full_Name": "Unknown caller", "Phone": NUMBER}]
    assert create_lead(keyless, call()).id == "55"
    zoho.rows = []

    assert create_lead(keyless, call()).id == "777"
    assert attempts(keyless) == []


def test_many_unknown_callers_become_leads_with_one_request(tenant, zoho, call):
    made = create_leads(tenant, {number: call() for number in numbers(100)})

    assert {lead.id for lead in made.values()} == {"777"}
    assert [path for _, path, *_ in zoho.requests] == ["/Leads"]


def test_among_many_those_tried_before_are_looked_for_together(tenant, zoho, call):
    create_leads(tenant, {number: call() for number in numbers(2)})
    zoho.requests.clear()
    zoho.rows = [{"id": "55", "Full_Name": "Known a moment ago", "Phone": numbers(3)[1]}]
    zoho.refusals = [None, RecordRefused("INVALID_DATA", "Owner")]

    made = create_leads(tenant, {number: call() for number in numbers(3)})

    assert [made[number].id for number in numbers(3)] == ["777", "55", "777"]
    assert [path for _, path, *_ in zoho.requests] == ["/coql", "/Leads", "/Leads"]
    assert len(zoho.requests[1][3]["data"]) == 2


def test_a_number_that_must_be_unique_leads_to_the_lead_that_has_it(tenant, zoho, call):
    zoho.layouts["Leads"] = zoho.layouts["Leads"].model_copy(update={"unique": frozenset({"Phone"})})
    zoho.refusals = [RecordRefused("DUPLICATE_DATA", "Phone", "56")]

    assert create_lead(tenant, call()).id == "56"


def test_a_refused_optional_field_does_not_cost_the_lead(tenant, zoho, call):
    zoho.refusals = [RecordRefused("INVALID_DATA", "Owner"), None]

    assert create_lead(tenant, call()).id == "777"
    assert "Owner" not in zoho.writes[-1][1]


def test_a_caller_who_cannot_be_called_back_becomes_no_lead(tenant, zoho, call):
    assert create_lead(tenant, call(**{"from": "anonymous"})) is None
    assert zoho.requests == []


def test_an_unknown_caller_is_called_so_in_the_companys_language(tenant, zoho, call):
    tenant.settings = tenant.settings.model_copy(update={"language": "tr"})

    create_lead(tenant, call())

    lead = zoho.writes[0][1]
    assert lead["Last_Name"] == "Bilinmeyen arayan +905321234567"
    assert lead["Description"] == "Şu çağrı için oluşturuldu: virtualats:abc-1."
