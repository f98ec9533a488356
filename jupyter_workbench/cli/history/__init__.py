"""`workbench history`: the runs of a project, whether a server runs or not. One module a subject."""

from __future__ import annotations

import click

from jupyter_workbench.cli.lazy import Command, LazyGroup

_HERE = "jupyter_workbench.cli.history"

COMMANDS = {
    "list": Command(f"{_HERE}.listing:list_runs", "List the runs of the project, newest first."),
    "last": Command(f"{_HERE}.listing:last", "Show the newest run."),
    "info": Command(f"{_HERE}.info:info", "Show all that is known of one run, or print one of its outputs."),
    "compare": Command(f"{_HERE}.compare:compare", "Show what differs between runs."),
    "download": Command(f"{_HERE}.download:download", "Write outputs of a run into a folder."),
    "restore": Command(f"{_HERE}.restore:restore", "Write the source and the files of a run into a folder."),
    "promote": Command(f"{_HERE}.promote:promote", "Keep an output of a run in the project under a name."),
    "tag": Command(f"{_HERE}.notes:tag", "Set or remove tags of runs."),
    "note": Command(f"{_HERE}.notes:note", "Replace the note of a run."),
    "delete": Command(f"{_HERE}.delete:delete", "Put runs into the bin, or remove them for good."),
    "export": Command(f"{_HERE}.sharing:export", "Write runs into one file, for others or for another machine."),
    "import": Command(f"{_HERE}.sharing:import_file", "Take in the runs of a file that `export` wrote."),
    "mirror": Command(
        f"{_HERE}.mirror:mirror", "Bring the runs of the project to an MLflow tracking server, each exactly once."
    ),
    "repair": Command(f"{_HERE}.repair:repair", "Make a damaged history usable again."),
}

EXAMPLES = """\b
Examples:
  workbench history list --since 7d --tag best
  workbench history list --query "[?Accuracy != null] | max_by(@, &Accuracy)"
  workbench history list --query "[?status=='Failed'].[run_id, error.message]" -o json
  workbench history info -r last
  workbench history compare myIris_1504832281116 last
  workbench history download -r last -d results
"""


@click.group(cls=LazyGroup, commands=COMMANDS, epilog=EXAMPLES)
def history() -> None:
    """List the runs of a project and look into them."""
