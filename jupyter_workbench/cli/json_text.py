"""Strict JSON, whatever was logged: every reader of JSON can read it."""

from __future__ import annotations

import json
import math
import sys

import click


def print_json(data: object) -> None:
    """Print strict JSON, indented."""
    data = strict(data)
    text = json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(data, indent=2, allow_nan=False)
    click.echo(text)


def strict(data: object) -> object:
    """Return data that JSON can hold; "NaN", "Infinity" and "-Infinity" stand for those, as in protobuf's JSON."""
    if isinstance(data, float) and not math.isfinite(data):
        return "NaN" if math.isnan(data) else "Infinity" if data > 0 else "-Infinity"
    if isinstance(data, dict):
        return {str(key): strict(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [strict(value) for value in data]
    return data
