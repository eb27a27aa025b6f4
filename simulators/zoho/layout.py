"""The modules and fields of the simulated organisation, and what a customer may have changed about them."""

from dataclasses import dataclass, field
from dataclasses import replace as changed
from typing import Literal

CALL_ID_FIELD = "Santral_Call_ID"
CallIdField = Literal["unique", "plain", "absent"]


@dataclass(frozen=True)
class Field:
    api_name: str
    data_type: str = "text"
    length: int = 255
    mandatory: bool = False
    # "Do not allow duplicate values": refuses a second record, and may be named in duplicate_check_fields.
    unique: bool = False
    # Zoho's own duplicate check of the module: upsert looks at it, insert does not.
    duplicate_check: bool = False
    options: tuple[str, ...] = ()
    # Zoho adds an unlisted option instead of refusing it, for all pick lists but its own.
    options_open: bool = True
    read_only: bool = False
    looks_up: str = ""
    custom: bool = False


def phone(name: str) -> Field:
    return Field(name, "phone", 30)


SYSTEM_FIELDS = (
    Field("id", "bigint", 20, read_only=True),
    Field("Owner", "ownerlookup"),
    Field("Created_Time", "datetime", read_only=True),
    Field("Modified_Time", "datetime", read_only=True),
    Field("Created_By", "ownerlookup", read_only=True),
    Field("Modified_By", "ownerlookup", read_only=True),
)
TAG = Field("Tag", "text")
DESCRIPTION = Field("Description", "textarea", 32000)
PERSON = (
    Field("First_Name", length=40),
    Field("Last_Name", length=80, mandatory=True),
    Field("Full_Name", length=120, read_only=True),
    phone("Phone"),
    phone("Mobile"),
    TAG,
    DESCRIPTION,
)
LEAD_SOURCES = ("Advertisement", "Cold Call", "Web Download", "Chat")
MODULES: dict[str, tuple[Field, ...]] = {
    "Contacts": (
        *PERSON,
        Field("Email", "email", 100, duplicate_check=True),
        Field("Account_Name", "lookup", looks_up="Accounts"),
        phone("Home_Phone"),
        phone("Other_Phone"),
        phone("Asst_Phone"),
    ),
    "Leads": (
        *PERSON,
        Field("Email", "email", 100, duplicate_check=True),
        Field("Company", length=200),
        Field("Lead_Source", "picklist", 120, options=LEAD_SOURCES),
        Field("Lead_Status", "picklist", 120, options=("Contacted", "Not Contacted", "Lost Lead")),
    ),
    "Accounts": (
        Field("Account_Name", length=200, mandatory=True, duplicate_check=True),
        phone("Phone"),
        Field("Website", "website", 450),
        TAG,
        DESCRIPTION,
    ),
    "Calls": (
        Field("Subject", mandatory=True),
        Field(
            "Call_Type", "picklist", 120, mandatory=True, options=("Inbound", "Outbound", "Missed"), options_open=False
        ),
        Field("Call_Start_Time", "datetime", mandatory=True),
        Field("Call_Duration", length=20),
        Field("Call_Duration_in_seconds", "integer", 9, read_only=True),
        Field("Call_Purpose", "picklist", 120, options=("Prospecting", "Administrative", "Negotiation", "Demo")),
        Field("Call_Result", "picklist", 120, options=("Interested", "Not interested", "No response/Busy")),
        Field("Call_Agenda", length=1000),
        Field(
            "Outgoing_Call_Status",
            "picklist",
            120,
            options=("Completed", "Scheduled", "Overdue", "Cancelled"),
            options_open=False,
        ),
        Field("Who_Id", "lookup", looks_up="Contacts"),
        Field("What_Id", "lookup"),
        Field("Caller_ID", length=30),
        Field("Dialled_Number", length=30),
        Field("CTI_Entry", "boolean", read_only=True),
        Field("Voice_Recording__s", "website", 450),
        TAG,
        DESCRIPTION,
    ),
    "Tasks": (
        Field("Subject", mandatory=True),
        Field("Due_Date", "date"),
        Field("Status", "picklist", 120, options=("Not Started", "Deferred", "In Progress", "Completed")),
        Field("Priority", "picklist", 120, options=("High", "Highest", "Low", "Lowest", "Normal")),
        Field("Who_Id", "lookup", looks_up="Contacts"),
        Field("What_Id", "lookup"),
        Field("Remind_At", "ALARM"),
        Field("Send_Notification_Email", "boolean"),
        TAG,
        DESCRIPTION,
    ),
    "Notes": (
        Field("Note_Title", length=120),
        Field("Note_Content", "textarea", 32000, mandatory=True),
        Field("Parent_Id", "parent", mandatory=True),
    ),
}
# What a call or a task may be about, besides a contact.
RELATED_MODULES = ("Leads", "Accounts")


@dataclass
class Layout:
    """How this customer has set up the CRM. Change it at any time: the next request obeys."""

    call_id_field: CallIdField = "unique"
    # Zoho's page on upsert does not list Calls among the supported modules; off shows what a client does then.
    calls_can_be_upserted: bool = True
    extra_mandatory: set[tuple[str, str]] = field(default_factory=set)
    removed_fields: set[tuple[str, str]] = field(default_factory=set)
    hidden_modules: set[str] = field(default_factory=set)
    read_only_user: bool = False
    added_options: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def has_module(self, module: str) -> bool:
        return module in MODULES and module not in self.hidden_modules

    def fields(self, module: str) -> dict[str, Field]:
        """The fields of a module by api name, as this customer has them."""
        fields = {each.api_name: each for each in (*SYSTEM_FIELDS, *MODULES[module])}
        if module == "Calls" and self.call_id_field != "absent":
            unique = self.call_id_field == "unique"
            fields[CALL_ID_FIELD] = Field(CALL_ID_FIELD, unique=unique, custom=True)
        for where, name in self.extra_mandatory:
            if where == module:
                fields[name] = changed(fields.get(name, Field(name, custom=True)), mandatory=True)
        for (where, name), options in self.added_options.items():
            if where == module and name in fields:
                fields[name] = changed(fields[name], options=(*fields[name].options, *options))
        return {name: each for name, each in fields.items() if (module, name) not in self.removed_fields}
