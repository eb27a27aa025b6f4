"""The HTTP API as OpenAPI 3.1, made of what is there already: the template's routes, the code's models and errors, the
sample events. `python -m sandbox.openapi` writes docs/openapi.json; the sandbox serves what fits its own template.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

import santral
from sandbox.actions import ROOT, Action, Refusal, actions, whole_template
from sandbox.template import Template
from santral.errors import InvalidRequest
from santral.sentences import LANGUAGES

Json = dict[str, Any]
Schemas = Mapping[tuple[type[BaseModel], str], Json]

FILE = ROOT / "docs" / "openapi.json"
_JSON = "application/json"
_PROBLEM = "application/problem+json"
_COMPONENTS = "#/components/"
_INTRODUCTION = """\
What buttons and widgets of the CRM call, and where providers post their events.

JSON in UTF-8, names in snake case. A phone number may be written as a person writes it; answers hold E.164. Times are \
ISO 8601 with their offset. Fields are only ever added. A refusal is `application/problem+json` (RFC 9457): its `code` \
is for programs, its `detail` a sentence for the person. What the gateway itself answers is `{"message": ".."}`."""
_ROLES = {
    "agent": "For agents and administrators.",
    "admin": "For administrators.",
    "public": "Whoever holds the link may follow it.",
    "provider": "For the provider alone, whose token is part of the path. The body is as the provider's document has "
    "it; what is authentic and not understood is kept, and answered as if it were.",
}
_OF_GATEWAY = {
    400: "No HTTP",
    401: "There is no token",
    403: "The token is none of ours",
    404: "There is no such route",
    413: "More than the gateway takes",
    429: "Too many requests at once",
    500: "The function failed",
    503: "The function did not answer in time",
}
_TAKING_BODIES = ("POST", "PATCH", "PUT")


class _WithoutTitles(GenerateJsonSchema):
    """Names of fields repeated as titles tell nobody anything."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


def document(template: Template) -> Json:
    """The description of the API that a template makes."""
    found = actions(template)
    schemas, definitions = _schemas(found)
    refused = {name: response for action in found for name, response in _refusals(action).items()}
    paths: dict[str, Json] = {}
    for action in found:
        paths.setdefault(action.route.path, {})[action.route.method.lower()] = _operation(action, schemas, definitions)
    refusals = {refusal for action in found for refusal in action.refusals}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Santral",
            "version": santral.__version__,
            "description": _INTRODUCTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": area} for area in sorted({action.area for action in found})],
        "paths": paths,
        "components": {
            "securitySchemes": _SECURITY_SCHEMES,
            "parameters": _HEADERS,
            "responses": dict(sorted(refused.items())),
            "schemas": _used([paths, refused], {**definitions, **_ERROR_SCHEMAS}),
            "examples": {it.code: {"value": _example(it)} for it in sorted(refusals, key=lambda it: it.code)},
        },
    }


def written(description: Json) -> str:
    return json.dumps(description, ensure_ascii=False, indent=1) + "\n"


def _schemas(found: Iterable[Action]) -> tuple[Schemas, Json]:
    handlers = [action.handler for action in found if action.handler]
    asked = [(handler.input, "validation") for handler in handlers]
    answered = [(model, "serialization") for handler in handlers for model in handler.answers.values() if model]
    models: Any = list(dict.fromkeys([*asked, *answered]))
    references, definitions = models_json_schema(
        models, ref_template=_COMPONENTS + "schemas/{model}", schema_generator=_WithoutTitles
    )
    return references, definitions["$defs"]  # type: ignore[return-value]  # keyed by mode, whose literals pydantic keeps


def _operation(action: Action, schemas: Schemas, definitions: Json) -> Json:
    operation: Json = {
        "operationId": action.name,
        "tags": [action.area],
        "summary": action.sentence.removesuffix("."),
        "description": _ROLES[action.role],
        "x-role": action.role,
        "security": _SECURITY[action.role],
        "parameters": [],
    }
    if action.handler:
        schema = definitions[_name(schemas[action.handler.input, "validation"])]
        operation["description"] = "\n\n".join(filter(None, [schema.get("description"), _ROLES[action.role]]))
        _add_fields(operation, action, schema)
    else:
        operation["parameters"] = [_path_parameter(name, {"type": "string"}, action) for name in _path_names(action)]
        operation["requestBody"] = _webhook_body(action)
    operation["responses"] = dict(sorted(_responses(action, schemas).items()))
    return operation


def _add_fields(operation: Json, action: Action, schema: Json) -> None:
    """Say where the router takes each field from: the path before all; else the body, or the query without one."""
    fields, required, in_path = schema.get("properties", {}), schema.get("required", []), _path_names(action)
    others = {name: field for name, field in fields.items() if name not in in_path}
    operation["parameters"] = [_path_parameter(name, fields[name], action) for name in in_path]
    if action.route.method not in _TAKING_BODIES:
        operation["parameters"] += [
            _query_parameter(name, field, action, required=name in required) for name, field in others.items()
        ]
    elif others:
        needed = [name for name in required if name in others]
        body = {"type": "object", "properties": others, "required": needed, "additionalProperties": False}
        examples = {name: {"value": json.loads(event["body"])} for name, event in action.samples.items()}
        operation["requestBody"] = {
            "required": bool(needed),
            "content": {_JSON: {"schema": body, **_unless_empty(examples=examples)}},
        }
    known = action.role != "public"
    headers = ["AcceptLanguage", *(["XCrmUser"] * known), *(["IdempotencyKey"] * action.at_most_once)]
    operation["parameters"] += [{"$ref": f"{_COMPONENTS}parameters/{name}"} for name in headers]


def _path_names(action: Action) -> list[str]:
    return [segment.strip("{}") for segment in action.route.path.split("/") if segment.startswith("{")]


def _path_parameter(name: str, schema: Json, action: Action) -> Json:
    examples = _examples(action, "pathParameters", name)
    # The gateway gives a route's function no empty segment.
    schema = schema if {"pattern", "minLength"} & schema.keys() else {**schema, "minLength": 1}
    return {"name": name, "in": "path", "required": True, "schema": schema, **examples}


def _query_parameter(name: str, schema: Json, action: Action, *, required: bool) -> Json:
    schema = _never_null(schema)
    examples = _examples(action, "queryStringParameters", name, int if schema.get("type") == "integer" else str)
    return {"name": name, "in": "query", "required": required, "schema": schema, **examples}


def _never_null(schema: Json) -> Json:
    """What a query can say: a parameter is there or left out, and cannot be null."""
    kept = {key: value for key, value in schema.items() if key != "anyOf" and (key, value) != ("default", None)}
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    return {**kept, **choices[0]} if len(choices) == 1 else {**kept, **_unless_empty(anyOf=choices)}


def _examples(action: Action, part: str, name: str, read: Callable[[str], Any] = str) -> Json:
    found = {sample: event.get(part, {}).get(name) for sample, event in action.samples.items()}
    return _unless_empty(examples={sample: {"value": read(text)} for sample, text in found.items() if text})


def _webhook_body(action: Action) -> Json:
    content: dict[str, Json] = {}
    for name, event in action.samples.items():
        media_type = event["headers"]["content-type"]
        value = json.loads(event["body"]) if media_type == _JSON else dict(parse_qsl(event["body"]))
        kind = content.setdefault(media_type, {"schema": {"type": "object"}, "examples": {}})
        kind["examples"][name] = {"value": value}
    return {"required": True, "content": content}


def _responses(action: Action, schemas: Schemas) -> dict[str, Json]:
    responses = {name[:3]: {"$ref": f"{_COMPONENTS}responses/{name}"} for name in _refusals(action)}
    if action.handler is None:
        return {**responses, "200": {"description": "What the provider expects to hear", "content": {"*/*": {}}}}
    for status, model in action.handler.answers.items():
        answer: Json = {"description": HTTPStatus(status).phrase}
        if model:
            answer["content"] = {_JSON: {"schema": schemas[model, "serialization"]}}
        responses[str(status)] = {**answer, **_unless_empty(headers=_HEADERS_OF_STATUS.get(status))}
    return responses


def _refusals(action: Action) -> dict[str, Json]:
    """What may go wrong, by names made of status and codes: actions with the same refusals share them."""
    by_gateway = {
        status
        for status in _OF_GATEWAY
        if (action.route.authorizer or status not in (401, 403)) and (_path_names(action) or status != 404)
    }
    codes: dict[int, set[str]] = {status: set() for status in by_gateway}
    for refusal in action.refusals:
        codes.setdefault(refusal.status, set()).add(refusal.code)
    return dict(
        _refused(status, sorted(of_status), by_gateway=status in by_gateway) for status, of_status in codes.items()
    )


def _refused(status: int, codes: list[str], *, by_gateway: bool) -> tuple[str, Json]:
    content: Json = {}
    if codes:
        content[_PROBLEM] = {
            "schema": {
                "$ref": f"{_COMPONENTS}schemas/Problem",
                "properties": {"code": {"enum": codes}, "status": {"const": status}},
            },
            "examples": {code: {"$ref": f"{_COMPONENTS}examples/{code}"} for code in codes},
        }
    if by_gateway:
        content[_JSON] = {"schema": {"$ref": f"{_COMPONENTS}schemas/GatewayMessage"}}
    told = [", ".join(codes), f"{_OF_GATEWAY[status]} (the gateway)" if by_gateway else ""]
    headers = {**(_LANGUAGE if codes else {}), **_HEADERS_OF_STATUS.get(status, {})}
    response = {"description": "; or ".join(filter(None, told)), "content": content, **_unless_empty(headers=headers)}
    return ".".join([str(status), *(["gateway"] * by_gateway), *codes]), response


def _example(refusal: Refusal) -> Json:
    problem: Json = {
        "type": f"urn:santral:problem:{refusal.code}",
        "title": refusal.code.replace("_", " "),
        "status": refusal.status,
        "detail": refusal.sentence,
        "code": refusal.code,
        "request_id": "Kx3hTgWhliAEMwg=",
    }
    if refusal is InvalidRequest:
        problem["errors"] = [{"field": "to", "message": "is not a phone number."}]
    return problem


def _used(users: Any, definitions: Json) -> Json:
    """The schemas referred to, directly or by others."""
    used: set[str] = set()
    new = _referred_to(users)
    while new:
        used |= new
        new = {name for known in new for name in _referred_to(definitions[known])} - used
    return {name: definitions[name] for name in sorted(used)}


def _referred_to(value: Any) -> set[str]:
    match value:
        case {"$ref": str(reference), **others} if reference.startswith(f"{_COMPONENTS}schemas/"):
            return {_name({"$ref": reference})} | _referred_to(others)
        case dict():
            return {name for part in value.values() for name in _referred_to(part)}
        case list():
            return {name for part in value for name in _referred_to(part)}
    return set()


def _name(reference: Json) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _unless_empty(**keys: Any) -> Json:
    return {key: value for key, value in keys.items() if value}


_SECURITY_SCHEMES = {
    role: {"type": "http", "scheme": "bearer", "description": f"One of `{role}_tokens` in the secret `api`."}
    for role in ("agent", "admin")
}
_SECURITY: dict[str, list[Json]] = {
    "agent": [{"agent": []}, {"admin": []}],
    "admin": [{"admin": []}],
    "public": [],
    "provider": [],
}
_HEADERS = {
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "description": "The language of sentences; else the acting user's, else the tenant's.",
        "schema": {"type": "string"},
        "example": "tr",
    },
    "XCrmUser": {
        "name": "X-Crm-User",
        "in": "header",
        "description": "E-mail of the acting CRM user, who supplies extension, agent number, sender and language.",
        "schema": {"type": "string"},
        "example": "ayse@example.com",
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "The same key and request give the same answer for 24 hours, and no second effect.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    },
}
_LANGUAGE = {
    "Content-Language": {
        "description": "The language of its sentences.",
        "schema": {"type": "string", "enum": list(LANGUAGES)},
    }
}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
_HEADERS_OF_STATUS: dict[int, Json] = {
    302: {"Location": {"description": "Plays now, for a while.", "schema": {"type": "string", "format": "uri"}}},
    409: _RETRY_AFTER,
    429: _RETRY_AFTER,
    503: _RETRY_AFTER,
}
_ERROR_SCHEMAS: Json = {
    "Problem": {
        "type": "object",
        "description": "Why something was not done.",
        "properties": {
            "type": {"type": "string", "pattern": "^urn:santral:problem:[a-z_]+$"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "A sentence for the person."},
            "code": {"type": "string", "description": "For programs; it never changes."},
            "request_id": {"type": "string", "description": "What to look for in the log."},
            "errors": {
                "type": "array",
                "description": "With invalid_request: each field that is wrong.",
                "items": {
                    "type": "object",
                    "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
                    "required": ["field", "message"],
                    "additionalProperties": False,
                },
            },
        },
        "required": ["type", "title", "status", "detail", "code", "request_id"],
        "additionalProperties": False,
    },
    "GatewayMessage": {
        "type": "object",
        "description": "What the gateway answers by itself.",
        "properties": {"message": {"type": "string"}},
        "required": ["message"],
    },
}


if __name__ == "__main__":
    FILE.write_text(written(document(whole_template())), encoding="utf-8")
