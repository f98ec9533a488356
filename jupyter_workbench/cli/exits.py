"""What an error means to the shell: the only place that knows exit codes.

0 done; 1 the user's mistake (WorkbenchError, one sentence); 2 wrong usage (click); 3 our mistake; 130 Ctrl-C.
A reader of our output that goes away (`| head`) ends the command quietly; click sees to that.
A command that answers a question with no (`project check`, `doctor`) exits with 1 itself, by `ctx.exit(1)`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click

from jupyter_workbench.errors import WorkbenchError

OUR_MISTAKE = 3
INTERRUPTED = 130


@dataclass
class Settings:
    """What holds for the whole command line; click hands it to every command as ``ctx.obj``."""

    debug: bool = False


@contextmanager
def exit_on_error() -> Iterator[Settings]:
    """Turn whatever a command raises into text on stderr and SystemExit with the right code."""
    settings = Settings()
    try:
        yield settings
    except click.ClickException as error:
        error.show()
        raise SystemExit(error.exit_code) from error
    except (click.Abort, KeyboardInterrupt) as error:
        raise SystemExit(INTERRUPTED) from error
    except WorkbenchError as error:
        _show_traceback_if(settings.debug)
        click.echo(str(error), err=True)
        raise SystemExit(error.exit_code) from error
    except Exception as error:
        _show_traceback_if(settings.debug)
        click.echo(_confession(error, settings.debug), err=True)
        raise SystemExit(OUR_MISTAKE) from error


def _show_traceback_if(wanted: bool) -> None:
    if wanted:
        import traceback

        click.echo(traceback.format_exc(), err=True, nl=False)


def _confession(error: Exception, shown: bool) -> str:
    said = f"This is a bug in workbench, not your mistake: {type(error).__name__}: {error}"
    if shown:
        return said
    try:
        return f"{said}\nThe traceback is in {_write_traceback()}; --debug shows it here. Please report it."
    except OSError as unwritable:
        return f"{said}\nThe traceback cannot be written ({unwritable.strerror}); --debug shows it. Please report it."


def _write_traceback() -> str:
    """Write the traceback of the current exception to a file that only the user can read, and return its path."""
    import platform
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", errors="backslashreplace", prefix="workbench-error-", suffix=".txt", delete=False
    ) as file:
        file.write(f"{sys.argv}\nPython {platform.python_version()} on {platform.platform()}\n\n")
        file.write(traceback.format_exc())
    return file.name
