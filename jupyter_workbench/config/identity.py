"""Who a project is: the name and id that Workbench kept in ``.azureml/project.json``."""

from __future__ import annotations

from pydantic import Field

from jupyter_workbench.config.fields import Text
from jupyter_workbench.config.files import ProjectFiles, shown_name
from jupyter_workbench.config.home import IDENTITY_FILE
from jupyter_workbench.config.models import FileModel
from jupyter_workbench.config.problems import Problem, printable
from jupyter_workbench.config.validation import no_settings, validate


class Identity(FileModel):
    """``Scope`` is the path of a cloud resource: its last part is the project's name."""

    id: Text | None = Field(default=None, alias="Id")
    scope: Text = Field(default="", alias="Scope")


def read_identity(files: ProjectFiles) -> tuple[str, str | None, tuple[Problem, ...]]:
    """Return the project's name (its folder's, when the file does not say it), its id and what is wrong in the file."""
    folder = shown_name(files.directory.name) or "project"
    if not files.exists(IDENTITY_FILE):
        return folder, None, ()
    document = files.document(IDENTITY_FILE)
    problems = no_settings(document, example='{"Id": "...", "Scope": "..."}')
    if problems:
        return folder, None, problems
    identity, problems = validate(Identity, document)
    if identity is None:
        return folder, None, (*document.problems, *problems)
    name = printable(identity.scope.rpartition("/")[2].strip())
    return name or folder, identity.id, document.problems
