"""How listings are printed: `-o table|json|csv` and `--query JMESPATH`, one decorator for every command that lists.

A command that lists looks like this::

    @kernels.command("list")
    @listing
    def list_kernels(output: Output) -> None:
        output.show(rows, columns=("display_name", "status"), empty="No project has a run configuration here.")
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

import click

from jupyter_workbench.cli.csv_text import print_csv
from jupyter_workbench.cli.json_text import print_json
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

        `columns` names the keys that a table of unqueried rows has, in order; json, csv and queries have all keys.
        `empty` is said on stderr in place of a table without rows, unless a query may have left them out.
        """
        if self.expression is not None:
            data, columns = _search(self.expression, data), ()
        if self.format == "json":
            print_json(data)
        elif self.format == "csv":
            print_csv(data)
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
        type=click.Choice(["table", "json", "csv"]),
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
    except (ValueError, OverflowError) as error:  # every error of jmespath, a step of 0, the ceiling of infinity
        reason = " ".join(str(error).split())
        raise click.BadParameter(f"{expression!r} does not fit the data: {reason}.", param_hint="'--query'") from error
