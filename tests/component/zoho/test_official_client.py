"""Zoho's own Python SDK reads and writes through the simulator, and understands what our client has written.

The SDK stays out of the layer (ADR 21); here it is the witness that the simulator answers as Zoho does.
"""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from zohocrmsdk.src.com.zoho.api.authenticator import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store import FileStore
from zohocrmsdk.src.com.zoho.crm.api import HeaderMap, Initializer, ParameterMap, SDKConfig
from zohocrmsdk.src.com.zoho.crm.api.coql import BodyWrapper as Query
from zohocrmsdk.src.com.zoho.crm.api.coql import CoqlOperations
from zohocrmsdk.src.com.zoho.crm.api.dc import DataCenter
from zohocrmsdk.src.com.zoho.crm.api.fields import FieldsOperations, GetFieldsParam
from zohocrmsdk.src.com.zoho.crm.api.notes import GetNoteParam, NotesOperations
from zohocrmsdk.src.com.zoho.crm.api.record import (
    BodyWrapper,
    DeleteRecordsParam,
    GetRecordParam,
    Record,
    RecordOperations,
    SearchRecordsParam,
)
from zohocrmsdk.src.com.zoho.crm.api.users import GetUsersParam, UsersOperations
from zohocrmsdk.src.com.zoho.crm.api.util import Choice

from santral.crm.call_log import log_call
from santral.crm.matching import match
from santral.zoho import records

RUNTIME_LOCK = Path(__file__).parents[3] / "requirements" / "runtime.txt"
ISTANBUL = timezone(timedelta(hours=3))
START = datetime(2026, 11, 21, 11, 55, tzinfo=ISTANBUL)
CALL_ID = "virtualats:by-the-sdk"


@pytest.fixture
def sdk(crm, tmp_path):
    """Make the SDK a client of the simulator. It keeps its tokens and its field lists in files."""
    Initializer.initialize(
        DataCenter.Environment(crm.url, f"{crm.url}/oauth/v2/token", crm.url),
        OAuthToken(
            client_id=crm.client.client_id,
            client_secret=crm.client.client_secret,
            refresh_token=crm.client.refresh_token,
        ),
        store=FileStore(str(tmp_path / "tokens.csv")),
        sdk_config=SDKConfig(connect_timeout=3, read_timeout=8),
        resource_path=str(tmp_path),
    )


def calls():
    return RecordOperations("Calls")


def body(**values):
    record = Record()
    for name, value in values.items():
        record.add_key_value(name, value)
    wrapped = BodyWrapper()
    wrapped.set_data([record])
    return wrapped


def a_call(**changed):
    values = {
        "Subject": "Gelen arama",
        "Call_Type": Choice("Inbound"),
        "Call_Start_Time": START,
        "Call_Duration": "01:30",
        "Santral_Call_ID": CALL_ID,
    }
    return body(**{**values, **changed})


def asked(parameter, value):
    given = ParameterMap()
    given.add(parameter, value)
    return given


def only(answer):
    (item,) = answer.get_object().get_data()
    return item


def read(module, record_id, fields):
    return only(RecordOperations(module).get_record(int(record_id), asked(GetRecordParam.fields, fields), HeaderMap()))


def test_what_the_sdk_writes_our_client_reads(sdk, tenant):
    created = only(calls().create_records(a_call(), HeaderMap()))

    assert created.get_code().get_value() == "SUCCESS"
    read_by_us = records.read(
        tenant.zoho, "Calls", created.get_details()["id"], ["Subject", "Call_Start_Time", "Call_Duration_in_seconds"]
    )
    assert read_by_us["Subject"] == "Gelen arama"
    assert read_by_us["Call_Start_Time"] == "2026-11-21T11:55:00+03:00"
    assert read_by_us["Call_Duration_in_seconds"] == 90


def test_what_our_client_writes_the_sdk_reads(sdk, tenant, call):
    contact = match(tenant, "+905321234567")
    record_id = log_call(tenant, call(), contact, recording_url=None, tried_before=False)

    logged = read("Calls", record_id, "Subject,Call_Type,Call_Start_Time,Call_Duration_in_seconds,Who_Id,Owner")

    assert logged.get_id() == int(record_id)
    assert logged.get_key_value("Call_Type").get_value() == "Inbound"
    assert logged.get_key_value("Call_Start_Time").astimezone(UTC) == START.astimezone(UTC)
    assert logged.get_key_value("Call_Duration_in_seconds") == 62
    assert logged.get_key_value("Who_Id").get_id() == int(contact.id)
    assert logged.get_key_value("Owner").get_name() == "Mehmet Kaya"


def test_a_second_call_of_the_same_id_is_refused_by_its_field(sdk):
    calls().create_records(a_call(), HeaderMap())

    refused = only(calls().create_records(a_call(), HeaderMap()))

    assert refused.get_code().get_value() == "DUPLICATE_DATA"
    assert refused.get_details()["api_name"] == "Santral_Call_ID"


def test_an_upsert_says_whether_it_inserted_or_updated(sdk, crm):
    crm.layout.calls_can_be_upserted = True
    said = []
    for subject in ("Gelen arama", "Gelen arama, düzeltildi"):
        wrapped = a_call(Subject=subject)
        wrapped.set_duplicate_check_fields(["Santral_Call_ID"])
        said.append(only(calls().upsert_records(wrapped, HeaderMap())).get_action().get_value())

    assert said == ["insert", "update"]
    assert [logged["Subject"] for logged in crm.calls()] == ["Gelen arama, düzeltildi"]


def test_what_is_missing_is_named(sdk):
    incomplete = body(Subject="Gelen arama", Call_Type=Choice("Inbound"))

    refused = only(calls().create_records(incomplete, HeaderMap()))

    assert refused.get_code().get_value() == "MANDATORY_NOT_FOUND"
    assert refused.get_details()["api_name"] == "Call_Start_Time"


def test_an_update_and_a_deletion_are_understood(sdk, crm):
    record_id = only(calls().create_records(a_call(), HeaderMap())).get_details()["id"]

    updated = only(calls().update_record(int(record_id), body(Description="Not"), HeaderMap()))
    described = read("Calls", record_id, "Description").get_key_value("Description")
    deleted = only(calls().delete_records(asked(DeleteRecordsParam.ids, record_id), HeaderMap()))

    assert (updated.get_code().get_value(), described, deleted.get_code().get_value()) == ("SUCCESS", "Not", "SUCCESS")
    assert crm.calls() == []


def test_a_contact_is_found_by_phone_and_nobody_is_no_content(sdk):
    def searched(number):
        return RecordOperations("Contacts").search_records(asked(SearchRecordsParam.phone, number), HeaderMap())

    found = only(searched("+90 532 123 45 67"))

    assert found.get_key_value("Full_Name") == "Elif Yılmaz"
    assert found.get_key_value("Phone") == "+90 532 123 45 67"
    assert searched("5559990000").get_status_code() == 204


def test_coql_is_understood_with_its_refusals(sdk):
    def queried(text):
        query = Query()
        query.set_select_query(text)
        return CoqlOperations().get_records(query).get_object()

    found = queried("select id, Last_Name from Contacts where Last_Name = 'Yılmaz' limit 5").get_data()

    assert [row.get_key_value("Last_Name") for row in found] == ["Yılmaz"]
    assert queried("select id from Contacts").get_code().get_value() == "SYNTAX_ERROR"


def test_fields_and_users_are_described_in_its_words(sdk):
    described = FieldsOperations().get_fields(asked(GetFieldsParam.module, "Calls")).get_object()
    fields = {field.get_api_name(): field for field in described.get_fields()}
    users = UsersOperations().get_users(asked(GetUsersParam.type, "ActiveUsers"), HeaderMap()).get_object().get_users()

    assert fields["Call_Start_Time"].get_data_type() == "datetime"
    assert "Inbound" in [option.get_actual_value() for option in fields["Call_Type"].get_pick_list_values()]
    assert {user.get_email() for user in users} >= {"mehmet@example.com", "ayse@example.com"}


def test_a_note_of_ours_is_read_with_its_parent(sdk, tenant):
    contact = match(tenant, "+905321234567")
    parent = {"module": {"api_name": "Contacts"}, "id": contact.id}
    note_id = records.insert(tenant.zoho, "Notes", {"Note_Content": "Merhaba", "Parent_Id": parent})

    note = only(NotesOperations().get_note(int(note_id), asked(GetNoteParam.fields, "Note_Content,Parent_Id")))

    assert note.get_note_content() == "Merhaba"
    assert note.get_parent_id().get_id() == int(contact.id)


def test_the_layer_does_not_carry_it():
    assert "zohocrm" not in RUNTIME_LOCK.read_text(encoding="utf-8")
