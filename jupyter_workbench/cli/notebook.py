"""`workbench notebook start`: JupyterLab at a project's home."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

EXAMPLES = """\b
Examples:
  workbench notebook start
  workbench notebook start myIris --port 9000 --no-browser
  workbench notebook start -- --ServerApp.ip=0.0.0.0
"""


class WithJupyterOptions(click.Command):
    """A command that keeps what stands after `--` for Jupyter, where click would take it for arguments."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the words of the command line apart."""
        own, theirs = (args[: args.index("--")], args[args.index("--") + 1 :]) if "--" in args else (args, [])
        ctx.meta["jupyter options"] = theirs
        return super().parse_args(ctx, own)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Name them in the usage line."""
        return [*super().collect_usage_pieces(ctx), "[-- JUPYTER OPTIONS]"]


@click.group()
def notebook() -> None:
    """Open JupyterLab on a project."""


@notebook.command(cls=WithJupyterOptions, epilog=EXAMPLES)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path())
@click.option("--port", metavar="N", type=click.IntRange(1, 65535), help="The first port to try.  [default: 8888]")
@click.option("--no-browser", is_flag=True, help="Only print the URL.")
@click.pass_context
def start(ctx: click.Context, folder: Path, port: int | None, no_browser: bool) -> None:
    """Start JupyterLab at the home of the project at or above FOLDER.

    It takes the next free port, prints its URL with the token, and opens the browser. What stands after `--` goes to
    Jupyter as it is.
    """
    from jupyter_workbench.config.project import find_home

    options = lab_options(find_home(folder), port, no_browser)
    _run_lab([*options, *_allow_root(), *_enable_extension(), *ctx.meta["jupyter options"]])


def lab_options(home: Path, port: int | None, no_browser: bool) -> list[str]:
    """Return the command line of JupyterLab; what the user adds behind it counts more."""
    return [
        f"--ServerApp.root_dir={home}",
        *([f"--ServerApp.port={port}"] if port is not None else []),
        *(["--no-browser"] if no_browser else []),
    ]


def _allow_root() -> list[str]:
    """Return the option without which Jupyter refuses to run as root: in a container there is nobody else."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return []
    click.echo("You are root: everything that a notebook runs, it runs as root.", err=True)
    return ["--allow-root"]


def _enable_extension() -> list[str]:
    """Return the option that enables our extension where the configuration of Jupyter does not.

    It takes the place of what a jupyter_server_config.py enables, so it repeats that.
    """
    from jupyter_workbench.doctor.extension import PACKAGE, enabled_extensions, server_config

    if enabled_extensions().get(PACKAGE):
        return []
    configured = server_config().ServerApp.get("jpserver_extensions", {})
    return [f"--ServerApp.jpserver_extensions={ {**configured, PACKAGE: True} }"]


def _run_lab(options: list[str]) -> None:
    """Become JupyterLab until it ends; Ctrl-C, its other signals and its exit code are then its own.

    It runs in this very process: `jupyter lab` would be whichever Jupyter comes first on the PATH, and `python -m`
    would let a `random.py` of the project pass for the module that Jupyter means.
    """
    from jupyterlab import labapp  # type: ignore[import-untyped]

    class LabApp(labapp.LabApp):  # type: ignore[misc]  # it ships no types
        __module__ = labapp.LabApp.__module__  # from which Jupyter tells the package that it has to load

        @classmethod
        def initialize_server(cls, argv: list[str] | None = None, **settings: Any) -> Any:
            server = super().initialize_server(argv, **settings)
            click.echo(f"JupyterLab is at {_url(server)}")
            return server

    LabApp.launch_instance(options)


def _url(server: Any) -> str:
    """Return where a browser finds the server, with the token that Jupyter made; Jupyter itself only logs it."""
    everywhere = server.ip in ("", "0.0.0.0", "::")  # noqa: S104 - no address that a browser could open
    return str(server.local_url if everywhere and not server.custom_display_url else server.public_url)
