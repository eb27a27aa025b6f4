"""The modules and fields of the simulated organisation, and what a customer may have changed about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as changed
from typing import Any, Literal

CALL_ID_FIELD = "Santral_Call_ID"
CallIdField = Literal["unique", "plain", "absent"]


@dataclass(frozen=True)
class Field:
    api_name: str
    data_type: str = "text"
    length: int = 255
    mandatory: bool = False
    # By the customer's layout, of which GET /settings/fields says nothing.
    required: bool = False
    # Not shown to the profile of the token's user: still described, but neither read nor written.
    hidden: bool = False
    default: str = ""
    # "Do not allow duplicate values": refuses a second record, and may be named in duplicate_check_fields.
    unique: bool = False
    # Zoho's own duplicate check of the module: upsert looks at it, insert does not.
    duplicate_check: bool = False
    options: tuple[str, ...] = ()
    # What an option is called on the screen, and what it was called first, where either differs from its value.
    labels: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
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
    hidden_fields: set[tuple[str, str]] = field(default_factory=set)
    extra_fields: dict[tuple[str, str], Field] = field(default_factory=dict)
    # By module and field: what each option was called, and what it is called now.
    renamed_options: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    # The same, where only what the screen shows has changed.
    relabelled_options: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    modules_without_unique_fields: set[str] = field(default_factory=set)
    fields_left: int = 10
    read_only_user: bool = False
    added_options: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def has_module(self, module: str) -> bool:
        return module in MODULES and module not in self.hidden_modules

    def takes_unique_fields(self, module: str) -> bool:
        return module not in self.modules_without_unique_fields

    def fields(self, module: str) -> dict[str, Field]:
        """The fields of a module by api name, as this customer has them."""
        fields = {each.api_name: each for each in (*SYSTEM_FIELDS, *MODULES[module])}
        if module == "Calls" and self.call_id_field != "absent":
            unique = self.call_id_field == "unique"
            fields[CALL_ID_FIELD] = Field(CALL_ID_FIELD, unique=unique, custom=True)
        fields |= {name: each for (where, name), each in self.extra_fields.items() if where == module}
        for where, name in self.extra_mandatory:
            if where == module:
                fields.setdefault(name, Field(name, custom=True))
        return {
            name: self._as_set_up((module, name), each)
            for name, each in fields.items()
            if (module, name) not in self.removed_fields
        }

    def customise(
        self,
        module: str,
        *,
        mandatory: Sequence[Mapping[str, Any]] = (),
        hidden: Sequence[str] = (),
        renamed: Mapping[str, Mapping[str, str]] | None = None,
        relabelled: Mapping[str, Mapping[str, str]] | None = None,
        unique_fields: bool = True,
        fields_left: int = 10,
    ) -> None:
        """Set a module up anew; what is left out is as Zoho delivers it.

        Args:
            module: Api name.
            mandatory: Fields the layout requires: `api_name`, and for new ones `data_type`, `options`, `default` ..
            hidden: Fields that the token's user is not shown.
            renamed: By field, how each option was called and is called now.
            relabelled: The same, where only what the screen shows changed.
            unique_fields: Whether a field of the module may refuse duplicates.
            fields_left: How many more custom fields the edition allows.
        """
        self.extra_mandatory = {each for each in self.extra_mandatory if each[0] != module}
        self.hidden_fields = {each for each in self.hidden_fields if each[0] != module}
        self.extra_fields = {key: each for key, each in self.extra_fields.items() if key[0] != module}
        self.renamed_options = {key: each for key, each in self.renamed_options.items() if key[0] != module}
        self.relabelled_options = {key: each for key, each in self.relabelled_options.items() if key[0] != module}
        self.hidden_fields |= {(module, name) for name in hidden}
        self.renamed_options |= {(module, name): dict(names) for name, names in (renamed or {}).items()}
        self.relabelled_options |= {(module, name): dict(names) for name, names in (relabelled or {}).items()}
        known = self.fields(module)
        for each in mandatory:
            key = (module, each["api_name"])
            self.extra_mandatory.add(key)
            if each["api_name"] not in known:
                self.extra_fields[key] = _customers(each)
        self.modules_without_unique_fields -= {module}
        if not unique_fields:
            self.modules_without_unique_fields.add(module)
        self.fields_left = fields_left

    def _as_set_up(self, key: tuple[str, str], delivered: Field) -> Field:
        names = self.renamed_options.get(key, {})
        options = tuple(names.get(option, option) for option in delivered.options)
        hidden = key in self.hidden_fields
        return changed(
            delivered,
            required=key in self.extra_mandatory,
            hidden=hidden,
            mandatory=delivered.mandatory and not hidden,
            options=(*options, *self.added_options.get(key, ())),
            references={new: old for old, new in names.items()},
            labels=self.relabelled_options.get(key, {}),
        )


def _customers(described: Mapping[str, Any]) -> Field:
    told: dict[str, Any] = {**described, "options": tuple(described.get("options", ())), "custom": True}
    return Field(**told)
