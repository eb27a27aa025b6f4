"""Zoho's own description of its API (zoho/crm-oas, v8.0), which is not part of this repository.

The variable ZOHO_OPENAPI_DIR names the folder it lies in.
"""

import json
import os
import re
from functools import cache
from operator import itemgetter
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

FOLDER = Path(os.environ.get("ZOHO_OPENAPI_DIR", "not set"))
needed = pytest.mark.skipif(not FOLDER.is_dir(), reason="ZOHO_OPENAPI_DIR names no folder with zoho/crm-oas v8.0")
# record.json describes every module there is, and so comes last.
_REQUESTS = ("coql", "composite_requests", "fields", "users", "org", "notes", "record")


def as_json_schema(node, *, complete):
    """OpenAPI 3.0's `nullable` in the words of JSON Schema, and files by their names."""
    if isinstance(node, list):
        return [as_json_schema(each, complete=complete) for each in node]
    if not isinstance(node, dict):
        return node
    schema = {name: as_json_schema(each, complete=complete) for name, each in node.items()}
    if node.get("nullable") is True and isinstance(node.get("type"), str):
        schema["type"] = [node["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    if isinstance(node.get("$ref"), str):
        address = urlsplit(node["$ref"])
        file = address.path.rsplit("/", 1)[-1]
        if file and not (FOLDER / file).is_file():
            return {}  # not given to us, so nothing to hold on to
        schema["$ref"] = f"urn:{file}#{address.fragment}" if file else node["$ref"]
    if not complete and isinstance(node.get("required"), list):
        del schema["required"]
    return schema


def retrieve(complete):
    def from_folder(uri):
        content = json.loads((FOLDER / uri.removeprefix("urn:")).read_text())
        return Resource.from_contents(as_json_schema(content, complete=complete), default_specification=DRAFT202012)

    return from_folder


@cache
def registry_of(complete):
    return Registry(retrieve=cache(retrieve(complete)))


def hold(instance, file, schema, *, complete=True):
    reference = {"$ref": f"urn:{file}.json#/components/schemas/{schema}"}
    errors = Draft202012Validator(reference, registry=registry_of(complete)).iter_errors(instance)
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


def hold_request(method, path, query, body):
    """Hold a request of ours to the description: such an operation exists, takes these parameters and this body."""
    file, operation = _operation(method, path)
    known = {parameter.get("name") or _last(parameter) for parameter in operation.get("parameters", ())}
    assert {name for name, _ in parse_qsl(query)} <= known, f"{method} {path}"
    if body:
        content = _resolved(operation["requestBody"], file)["content"]["application/json"]["schema"]
        assert json.loads(body).keys() <= _resolved(content, file)["properties"].keys(), f"{method} {path}"
        # Of a new note the description asks what only Zoho gives it: an id, when it was made and by whom.
        hold(json.loads(body), file, _last(content), complete=file != "notes")


def _operation(method, path):
    """The operation whose path has the fewest variables: any word after a module could be a record's id."""
    found = [
        (template.count("{"), file, operations[method.lower()])
        for file in _REQUESTS
        for template, operations in _described(file)["paths"].items()
        if method.lower() in operations and re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path)
    ]
    assert found, f"nowhere described: {method} {path}"
    return min(found, key=itemgetter(0))[1:]


def _last(reference):
    return reference["$ref"].rpartition("/")[2]


def _resolved(node, file):
    if "$ref" not in node:
        return node
    address = urlsplit(node["$ref"])
    target = _described(address.path.rsplit("/", 1)[-1].removesuffix(".json") or file)
    for name in address.fragment.strip("/").split("/"):
        target = target[name]
    return target


@cache
def _described(file):
    return json.loads((FOLDER / f"{file}.json").read_text(encoding="utf-8"))
