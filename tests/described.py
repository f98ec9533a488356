"""What `openapi.yaml` says, as schemas that an answer is held against."""

from __future__ import annotations

from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker

from jupyter_workbench.server.routes.description import FILE

METHODS = ("get", "head", "post", "put", "patch", "delete")


def description() -> dict[str, Any]:
    return dict(yaml.safe_load(FILE.read_text("utf-8")))


def operations(described: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the operations by their ids, each with its ``path`` and ``method``."""
    return {
        operation["operationId"]: {**operation, "path": path, "method": method.upper()}
        for path, item in described["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def responses(described: dict[str, Any], operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return its responses by their status, references followed."""
    named = described["components"]["responses"]
    return {
        status: named[response["$ref"].rpartition("/")[2]] if "$ref" in response else response
        for status, response in operation["responses"].items()
    }


def mistakes(described: dict[str, Any], schema: Any, value: Any) -> list[str]:
    """Return what is wrong with a value; a key that the schema does not name is."""
    closed = {**_closed(schema), "components": _closed(described["components"])}
    found = Draft202012Validator(closed, format_checker=FormatChecker()).iter_errors(value)
    return [f"{error.json_path}: {error.message[:300]}" for error in found]


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "required" in schema and "additionalProperties" not in schema:
        closed["additionalProperties"] = False
    return closed
