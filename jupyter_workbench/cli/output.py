"""How listings are printed: `-o table|json` and `--query JMESPATH`, one decorator for every command that lists.

A command that lists looks like this::

    @kernels.command("list")
    @listing
    def list_kernels(output: Output) -> None:
        output.show(rows, columns=("display_name", "status"), empty="No project has a run configuration here.")
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

import click

from jupyter_workbench.cli.table import print_table

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_NOTHING = "Nothing to show."


@dataclass(frozen=True)
class Output:
    """What the user asked a listing to look like."""

    format: str = "table"
    expression: str | None = None

    @property
    def is_plain(self) -> bool:
        """Neither json nor a query was asked for: a command may print text of its own."""
        return self.format == "table" and self.expression is None

    def show(self, data: object, columns: Sequence[str] = (), empty: str = _NOTHING) -> None:
        """Print JSON-like `data` (lists, dicts, scalars).

        `columns` names the keys that a table of unqueried rows has, in order; json and queries have all keys.
        `empty` is said on stderr in place of a table without rows, unless a query may have left them out.
        """
        if self.expression is not None:
            data, columns = _search(self.expression, data), ()
        if self.format == "json":
            print_json(data)
        elif data is None or data == [] or data == {}:
            click.echo(empty if self.expression is None else _NOTHING, err=True)
        else:
            print_table(data, columns)


def listing(command: Decorated) -> Decorated:
    """Give a command `-o/--output` and `--query`; it gets both as one argument ``output: Output``."""

    @click.option(
        "-o",
        "--output",
        "format_",
        type=click.Choice(["table", "json"]),
        default="table",
        show_default=True,
        help="How to print the answer.",
    )
    @click.option(
        "--query", metavar="JMESPATH", callback=_check_query, help="Filter the answer (https://jmespath.org)."
    )
    @wraps(command)
    def with_output(*arguments: Any, format_: str, query: str | None, **options: Any) -> Any:
        return command(*arguments, output=Output(format_, query), **options)

    return with_output  # type: ignore[return-value]  # click's decorators keep the callable, not its signature


def print_json(data: object) -> None:
    """Print strict JSON. JSON has no NaN: as in protobuf's JSON, "NaN", "Infinity" and "-Infinity" stand for them."""
    data = _strict(data)
    text = json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(data, indent=2, allow_nan=False)
    click.echo(text)


def _strict(data: object) -> object:
    if isinstance(data, float) and not math.isfinite(data):
        return "NaN" if math.isnan(data) else "Infinity" if data > 0 else "-Infinity"
    if isinstance(data, dict):
        return {str(key): _strict(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_strict(value) for value in data]
    return data


def _check_query(_: click.Context, parameter: click.Parameter, expression: str | None) -> str | None:
    """Refuse a malformed expression before the command does any work."""
    if expression is None:
        return None
    import jmespath
    from jmespath.exceptions import EmptyExpressionError, IncompleteExpressionError, LexerError, ParseError

    try:
        jmespath.compile(expression)
    except EmptyExpressionError:
        reason = "the expression is empty"
    except IncompleteExpressionError:
        reason = f"{expression!r} breaks off at its end"
    except LexerError as error:
        reason = _not_understood(expression, error.lexer_position)
    except ParseError as error:
        reason = _not_understood(expression, error.lex_position)
    except RecursionError:
        reason = "the expression is nested too deeply"
    else:
        return expression
    raise click.BadParameter(f"{reason}; see https://jmespath.org/tutorial.html.", param=parameter)


def _not_understood(expression: str, position: int) -> str:
    return f"{expression!r} is not JMESPath from character {position + 1} on, at {expression[position:]!r}"


def _search(expression: str, data: object) -> object:
    import jmespath

    try:
        return jmespath.search(expression, data)
    except ValueError as error:  # every error of jmespath is one, and so is its complaint about a step of 0
        reason = " ".join(str(error).split())
        raise click.BadParameter(f"{expression!r} does not fit the data: {reason}.", param_hint="'--query'") from error
