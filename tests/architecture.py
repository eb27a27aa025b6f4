"""docs/architecture.md: what talks to what, as the template says. `python -m tests.architecture`"""

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.actions import ROOT, resources, whole_template
from sandbox.template import Function, Template

PAGE = ROOT / "docs" / "architecture.md"
_HEAD = """\
# Architecture

Drawn by `make docs` from the template's routes, queues, schedules and rights; do not edit. A box of functions is
one area, in which each function is a Lambda with a role of its own; the workers stand alone. All keep their rows in one
table. [api.md](api.md) lists what each may do, and [adr/](adr/README.md) why.

"""
# A provider's secret is read by who asks the provider, or checks what comes from it.
_PLACES = {
    "VirtualAtsSecret": "providers",
    "KobikomSecret": "providers",
    "VerimorSecret": "providers",
    "WapCrmSecret": "providers",
    "ZohoSecret": "zoho",
    "Bucket": "bucket",
    "EventsQueue": "events",
    "RecordingsQueue": "archive",
}
_NODES = """\
crm["Zoho CRM: buttons and widget"] -->|bearer token| api
hooks["Providers: webhooks"] -->|token in the path| api
listener["Who holds a link"] -->|permalink| api
api{{"HTTP API"}}
events[["events.fifo"]]
archive[["recordings queue"]]
bucket[("bucket")]
providers["VirtualATS, Kobikom, Verimor, WapCRM"]
zoho["Zoho CRM: REST API"]"""


def page() -> str:
    """Return docs/architecture.md."""
    template = whole_template()
    drawn = [*_NODES.splitlines(), *_boxes(template), *_triggers(template), *sorted(set(_uses(template)))]
    return "\n".join([_HEAD + "```mermaid", "flowchart LR", *(f"  {line}" for line in drawn), "```"]) + "\n"


def _boxes(template: Template) -> Iterator[str]:
    behind = {route.function for route in template.http_api.routes}
    names: dict[str, list[str]] = {}
    for function in template.functions.values():
        names.setdefault(_box(function), []).append(function.handler.split(".")[2])
    for box, functions in names.items():
        text = functions[0] if len(functions) == 1 else f"{box}: {len(functions)} functions"
        yield f'{box}("{text}")'
    yield from sorted({f"api --> {_box(template.functions[name])}" for name in behind})


def _triggers(template: Template) -> Iterator[str]:
    for source in template.event_sources:
        yield f"{_PLACES[source.queue]} --> {_box(template.functions[source.function])}"
    for schedule in template.schedules:
        clock = f'every{schedule.every:g}(("every {schedule.every / 60:g} min"))'
        yield f"{clock} --> {_box(template.functions[schedule.function])}"


def _uses(template: Template) -> Iterator[str]:
    """An arrow to each place a box of functions sends to, writes to or asks, by its functions' rights."""
    for function in template.functions.values():
        box = _box(function)
        for right in template.rights(function):
            places = {_PLACES.get(resource.partition(".")[0]) for resource in resources(right)} - {None}
            yield from (f"{box} --> {place}" for place in places if _reaches_out(box, right))


def _reaches_out(box: str, right: Mapping[str, Any]) -> bool:
    actions = {right["Action"]} if isinstance(right["Action"], str) else {*right["Action"]}
    if "secretsmanager:GetSecretValue" in actions:
        return box != "webhooks"  # these read a key to check what comes in
    return bool(actions & {"sqs:SendMessage", "s3:GetObject", "s3:PutObject"})


def _box(function: Function) -> str:
    _, area, file = function.handler.split(".")[:3]
    return file if area == "workers" else area


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
