"""The Deluge functions ask for what the API offers, the way it wants to be asked, within what Zoho gives a button.

Deluge runs nowhere but in Zoho: these scripts were read, not executed.
"""

import json
import re
from pathlib import Path

import pytest

from tests.deluge import Call, Compared, Joined, MapOf, Name, NotDelugeError, Text, address, held, read

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "zoho" / "functions"
SCRIPTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.deluge"))}
README = (FOLDER / "README.md").read_text(encoding="utf-8")
API = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
CONNECTIONS = {"agent": "santral", "admin": "santral_admin"}
ACTIONS = {
    "call": {"POST /calls"},
    "hang_up": {"GET /calls/live", "POST /calls/{call_id}/hangup"},
    "transfer": {"GET /calls/live", "POST /calls/{call_id}/transfer"},
    "send_message": {"POST /messages"},
    "send_file": {"POST /messages"},
    "create_campaign": {"POST /campaigns"},
    "play_recording": {"GET /calls", "GET /calls/{call_id}/recording"},
    "save_outcome": {"POST /calls/{call_id}/outcome"},
}
MOST_LINES = 30
ON_SUCCESS = ("detail", "message")
LANGUAGES = {"tr", "az", "en"}
# Whatever is long and mixed enough to be a key; our own longest words have neither digits nor capitals inside.
SECRET = re.compile(r"(?i)bearer|authorization|api[_-]?key|secret|token|password|[A-Za-z0-9+/_-]{32,}")


def faults(script):
    """What is wrong with a script, in words."""
    if len(script.splitlines()) > MOST_LINES:
        yield f"more than {MOST_LINES} lines"
    if SECRET.search(script):
        yield "something like a secret"
    try:
        function = read(script)
        for invocation in function.invocations:
            yield from _faults_of(invocation)
    except NotDelugeError as error:
        yield str(error)
        return
    if not function.invocations:
        yield "asks for nothing"
    yield from (f"shows no {word}" for word in ON_SUCCESS for shown in function.returned if word not in _read_of(shown))


def _faults_of(invocation):
    path, query = address(invocation)
    method = invocation.keys["type"].value.lower() if "type" in invocation.keys else "none"
    route, operation = _operation(method, path)
    if operation is None:
        yield f"{method.upper()} {path} is no route"
        return
    for fault in (
        *_faults_of_keys(invocation, operation),
        *_faults_of_headers(invocation, operation),
        *_faults_of_query(query, operation),
        *_faults_of_body(held(invocation, "body"), operation),
    ):
        yield f"{method.upper()} {route}: {fault}"


def _faults_of_keys(invocation, operation):
    if held(invocation, "connection") != Text(CONNECTIONS[operation["x-role"]]):
        yield "not by the connection of its role"
    if invocation.keys.get("detailed") != Name("true"):
        yield "a refusal would be no answer but an error"
    if unknown := invocation.keys.keys() - {"url", "type", "headers", "body", "connection", "detailed"}:
        yield f"unknown {sorted(unknown)}"


def _faults_of_query(query, operation):
    parameters = {each["name"]: each for each in _parameters(operation) if each["in"] == "query"}
    for name, value in query.items():
        if name not in parameters:
            yield f"unknown query {name}"
        elif value != "{}":
            yield from _misfits(Text(value), parameters[name]["schema"], name)


def _faults_of_body(body, operation):
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if body is None:
        if operation.get("requestBody", {}).get("required"):
            yield "no body"
    elif schema is None:
        yield "a body nobody reads"
    else:
        yield from _misfits(body, schema, "body")
        if "wait" in _keys(body):
            yield "waits longer than Zoho does"


def _operation(method, path):
    for route, operations in API["paths"].items():
        if re.sub(r"\{\w+\}", "{}", route) == path and method in operations:
            return route, operations[method]
    return path, None


def _parameters(operation):
    for each in operation["parameters"]:
        yield API["components"]["parameters"][each["$ref"].rsplit("/")[-1]] if "$ref" in each else each


def _faults_of_headers(invocation, operation):
    headers = held(invocation, "headers")
    given = dict(headers.entries) if isinstance(headers, MapOf) else {}
    offered = {each["name"] for each in _parameters(operation) if each["in"] == "header"}
    if given.get("X-Crm-User") != Name("zoho.loginuserid"):
        yield "does not say who clicked"
    if given.get("Accept-Language") != Call("getOrgVariable", Name("zoho.crm"), (Text("santral_language"),)):
        yield "does not say in which language to answer"
    if ("body" in invocation.keys) and given.get("Content-Type") != Text("application/json"):
        yield "a body without its type"
    yield from (f"unknown header {name}" for name in given.keys() - offered - {"Content-Type"})


def _keys(value):
    return {name for name, _ in value.entries} if isinstance(value, MapOf) else set()


def _misfits(value, schema, place):
    """What of a value cannot be what a schema asks for. What only Zoho knows when it runs fits everything."""
    schema = _plain(schema)
    match value:
        case MapOf():
            yield from _misfits_of_map(value, schema, place) if schema.get("type") == "object" else (f"{place}: a map",)
        case Call("List", None, items):
            if schema.get("type") != "array":
                yield f"{place}: a list"
            for item in items:
                yield from _misfits(item, schema.get("items", {}), f"{place}[]")
        case Text(text):
            yield from _misfits_of_text(text, schema, place)


def _misfits_of_map(value, schema, place):
    known, keys = schema["properties"], _keys(value)
    # What was put into a map we know nothing of stands beside "...": it may hold whatever else is needed.
    yield from (f"{place} has no {name}" for name in keys - known.keys() - {"..."})
    if "..." not in keys:
        yield from (f"{place} lacks {name}" for name in schema.get("required", []) if name not in keys)
    for name, part in value.entries:
        if name in known:
            yield from _misfits(part, known[name], f"{place}.{name}")


def _misfits_of_text(text, schema, place):
    options = schema.get("enum")
    if options and text not in options:
        yield f"{place} is none of {options}"
    if schema.get("type") == "string" and not re.search(schema.get("pattern", ""), text):
        yield f"{place} is written otherwise"
    if schema.get("type") == "integer" and not text.isdigit():
        yield f"{place} is no number"


def _plain(schema):
    """A schema without its reference, and without its being null."""
    if "$ref" in schema:
        return _plain(API["components"]["schemas"][schema["$ref"].rsplit("/")[-1]])
    options = [each for each in schema.get("anyOf", []) if each.get("type") != "null"]
    return _plain(options[0]) if len(options) == 1 else schema


def _read_of(value):
    """Every key that is read in an expression."""
    match value:
        case Call(name, of, arguments):
            own = {arguments[0].value} if name == "get" and arguments and isinstance(arguments[0], Text) else set()
            return own.union(_read_of(of), *map(_read_of, arguments))
        case Joined(parts) | Compared(parts):
            return set().union(*map(_read_of, parts))
    return set()


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_function_asks_for_what_the_api_offers_in_the_way_it_wants_to_be_asked(name):
    assert list(faults(SCRIPTS[name])) == []


def test_each_button_has_its_function_and_each_function_its_routes():
    asked = {
        name: {
            f"{it.keys['type'].value} {_operation(it.keys['type'].value.lower(), address(it)[0])[0]}"
            for it in read(script).invocations
        }
        for name, script in SCRIPTS.items()
    }

    assert asked == ACTIONS


@pytest.mark.parametrize("name", ["hang_up", "transfer"])
def test_a_call_that_rings_for_nobody_yet_is_left_alone(name):
    guarded, _, acted = SCRIPTS[name].partition(
        'if(acted == false && ifnull(call.get("extension"),call.get("agent")) != null)'
    )

    assert (guarded.count("type :POST"), acted.count("type :POST")) == (0, 1)


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_it_says_by_itself_it_says_in_all_three_languages(name):
    said = re.findall(r"said = (\{.*?\});", SCRIPTS[name])

    assert said
    assert all(json.loads(texts).keys() == LANGUAGES for texts in said)


def test_no_answer_of_success_holds_what_is_shown_of_a_refusal():
    for name in SCRIPTS:
        for told in ACTIONS[name]:
            method, route = told.split()
            for status, answer in API["paths"][route][method.lower()]["responses"].items():
                if status.startswith("2"):
                    schema = _plain(answer["content"]["application/json"]["schema"])
                    assert schema["properties"].keys().isdisjoint(ON_SUCCESS), told


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_readme_names_the_function_with_its_arguments_and_says_that_it_was_not_executed(name):
    function = read(SCRIPTS[name])
    [row] = re.findall(rf"^\| `{name}\.deluge` \|.*$", README, re.MULTILINE)

    assert re.findall(r"`(\w+)`", row.split("|")[2]) == function.arguments
    assert "not executed" in README


@pytest.mark.parametrize("settings", re.findall(r"^    (\{.*\})$", README, re.MULTILINE))
def test_the_settings_the_readme_proposes_for_a_campaign_make_a_whole_one(settings):
    [invocation] = read(SCRIPTS["create_campaign"]).invocations
    schema = _plain(API["paths"]["/campaigns"]["post"]["requestBody"]["content"]["application/json"]["schema"])
    body = json.loads(settings)

    assert body.keys() <= schema["properties"].keys()
    assert set(schema["required"]) <= body.keys() | (_keys(held(invocation, "body")) - {"..."})
    assert not body.keys() & _keys(held(invocation, "body"))


PLANTED = [
    ("call", '"/calls"', '"/call"', "is no route"),
    ("call", "type :POST", "type :PUT", "is no route"),
    ("call", '"to":number', '"number":number', "body has no number"),
    ("call", '"to":number,', "", "body lacks to"),
    ("call", '"module":module,', "", "body.record lacks module"),
    ("call", '"to":number', '"to":number,"wait":true_', "true_ is not known"),
    ("call", '"to":number', '"to":number,"wait":number', "waits longer"),
    ("call", 'connection:"santral"', 'connection:"santral_admin"', "not by the connection"),
    ("call", "\t\tdetailed:true\n", "", "a refusal would be"),
    ("call", "detailed:true", "detailed:false", "a refusal would be"),
    ("call", "zoho.loginuserid", "zoho.adminuserid", "who clicked"),
    ("call", "santral_language", "language", "in which language"),
    ("call", '"Content-Type":"application/json",', "", "without its type"),
    ("call", '"Content-Type"', '"X-Api"', "unknown header X-Api"),
    ("call", "\t\tbody:body.toString()\n", "", "no body"),
    ("call", "number = mobile;", "number = mobile", "expected"),
    ("call", '"id":record_id', '"id":lead_id', "lead_id is not known"),
    ("call", '!= "") {', '!= "" {', "expected"),
    ("call", "\t];\n", "\t;\n", "no name"),
    ("call", 'get("message")', 'get("title")', "shows no message"),
    ("call", "return ifnull", "ifnull", "does nothing"),
    ("call", "url :zoho.crm", 'url :"https://phone.example" + zoho.crm', "does not begin"),
    ("call", '"tr":"Telefonunuz çalıyor."', '"tr":"Telefonunuz çalıyor.', "cannot read"),
    ("call", "detailed:true", "detailed:true\n\t\ttimeout:5", "unknown ['timeout']"),
    ("call", "headers = {", "// 1000.8cb99dxxxxxxxxxxxxx9be939b8xxxxxxxx\n\theaders = {", "like a secret"),
    ("call", "\treturn", "\n" * 20 + "\treturn", "more than 30 lines"),
    ("hang_up", "extension=me", "line=me", "unknown query line"),
    ("hang_up", "extension=me", "extension=mine", "extension is written otherwise"),
    ("hang_up", '+ "/hangup"', '+ "/end"', "is no route"),
    ("create_campaign", '{"phone":number}', '{"number":number}', "body.contacts[] has no number"),
    ("create_campaign", "contacts.add({", "contacts.remove({", "does nothing"),
    ("create_campaign", 'body.put("name",name);\n', 'body.put("title",name);\n', "body has no title"),
    ("play_recording", "limit=1", "limit=one", "limit is no number"),
    ("play_recording", "disposition=answered", "disposition=talked", "disposition is none of"),
    ("save_outcome", "result_id.toLong()};", "result_id.toLong()}};", "expected"),
]


@pytest.mark.parametrize(("name", "right", "wrong", "told"), PLANTED)
def test_a_planted_mistake_is_found(name, right, wrong, told):
    assert right in SCRIPTS[name]

    found = list(faults(SCRIPTS[name].replace(right, wrong, 1)))
    assert any(told in fault for fault in found), found
