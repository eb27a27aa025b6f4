"""What a customer's layout in Zoho CRM asks for that we cannot know, refuses of ours, or hides from us."""

from collections.abc import Iterator
from functools import reduce

from santral.health.findings import Finding, Level, failed, warning
from santral.sentences import Sentence, say
from santral.tenant import Tenant
from santral.zoho.client import PERMISSIONS
from santral.zoho.objections import WHOLE, Objection

_CALLS = "Calls"
MODULES = (_CALLS, "Leads", "Tasks", "Notes")
_TYPES = ("Inbound", "Outbound", "Missed")
# What a call's record is poorer without. Its own id field has a line to itself.
_WORTH_HAVING = ("Subject", "Call_Start_Time", "Call_Duration", "Who_Id", "What_Id", "Owner", "Description")
_GRAVITY = (Level.OK, Level.WARNING, Level.FAILED)


def accepted(tenant: Tenant) -> Finding:
    """Tell whether Zoho takes our records as they are, by what it had against the last ones and by its description."""
    found = [*_of_calls(tenant), *_objected(tenant), *_of_tasks(tenant)]
    if not found:
        return Finding(say("Zoho CRM takes calls, leads, tasks and notes as we write them."))
    return Finding(
        _together([each.sentence for each in found]),
        max((each.level for each in found), key=_GRAVITY.index),
        _together([each.fix for each in found if each.fix]),
    )


def _objected(tenant: Tenant) -> Iterator[Finding]:
    for module in MODULES:
        for name, objection in sorted(tenant.zoho.objections.to(module, fresh=True).items()):
            yield _told(module, name, objection)


def _told(module: str, name: str, objection: Objection) -> Finding:
    field = f"{objection.label} ({name})" if objection.label and objection.label != name else name
    if objection.code in PERMISSIONS:
        return failed(
            say("The user who connected Zoho may not write {module}, so they wait.", module=module),
            fix=say("Give that user's profile the permission to create and edit {module} in Zoho CRM.", module=module),
        )
    if name == WHOLE:
        return failed(
            say("Zoho CRM refuses our {module} ({code}), so they wait.", module=module, code=objection.code),
            fix=say("See in Zoho CRM whether a validation rule or an approval stands against {module}.", module=module),
        )
    if objection.wanted and objection.value is not None:
        return warning(
            say(
                "{module} ask for {field}, where we fill in “{value}”.",
                module=module,
                field=field,
                value=_shown(objection),
            ),
            fix=say(
                "Make {field} optional in the layout of {module}, if that should stay empty.",
                field=field,
                module=module,
            ),
        )
    if objection.wanted:
        return failed(
            say("{module} ask for {field}, which we cannot know, so they wait.", module=module, field=field),
            fix=say(
                "Make {field} optional in the layout of {module}, or give it a default value.",
                field=field,
                module=module,
            ),
        )
    if objection.waits:
        return failed(
            say(
                "Zoho CRM refuses {field} of our {module} ({code}), so they wait.",
                field=field,
                module=module,
                code=objection.code,
            ),
            fix=say(
                "Give {field} in {module} back the type and options that Zoho delivers it with.",
                field=field,
                module=module,
            ),
        )
    return warning(
        say(
            "Zoho CRM does not take {field} of our {module}; its value stands in the description.",
            field=field,
            module=module,
        ),
        fix=say(
            "Let the user who connected Zoho edit {field} in {module}; it is tried again every hour.",
            field=field,
            module=module,
        ),
    )


def _of_calls(tenant: Tenant) -> Iterator[Finding]:
    layout = tenant.zoho.layout(_CALLS)
    if layout.assumed:
        return
    hidden = [name for name in _WORTH_HAVING if name not in layout.fields]
    if hidden:
        fields = ", ".join(layout.labels.get(name, name) for name in hidden)
        yield warning(
            say("Calls are written without fields that are hidden from us or not there: {fields}.", fields=fields),
            fix=say(
                "Show {fields} of Calls to the profile of the user who connected Zoho, to be edited.", fields=fields
            ),
        )
    gone = [name for name in _TYPES if "Call_Type" in layout.names and layout.option("Call_Type", name) is None]
    if gone:
        options = ", ".join(gone)
        yield failed(
            say("Call_Type of Calls has no option {options} any more, so such calls wait.", options=options),
            fix=say("Give Call_Type of Calls the option {options} back.", options=options),
        )


def _of_tasks(tenant: Tenant) -> Iterator[Finding]:
    email = tenant.settings.missed_call_task_owner
    if tenant.settings.missed_call_task and email and tenant.zoho.active_user(email) is None:
        yield warning(
            say(
                "{email}, who is to call back when nobody else is responsible, is no active user of Zoho CRM.",
                email=email,
            ),
            fix=say("Set MissedCallTaskOwner to the e-mail address of an active CRM user, or to nothing."),
        )


def _shown(objection: Objection) -> str | Sentence:
    return say("no") if objection.value is False else str(objection.value)


def _together(sentences: list[Sentence]) -> Sentence:
    return reduce(lambda one, other: say("{one} {other}", one=one, other=other), sentences)
