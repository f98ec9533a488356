"""What the commands write into ``aml_config/``, and how they take it back without losing what a user added."""

from __future__ import annotations

from pathlib import Path

from jupyter_workbench.config.computes import ComputeFile
from jupyter_workbench.config.containers import memory_text
from jupyter_workbench.config.models import CONDA_FILE, SPARK_FILE, DockerCompute, LocalCompute, RunConfiguration
from jupyter_workbench.config.project import CONFIG_FOLDER, Entry, Project
from jupyter_workbench.errors import ConfigurationError, WorkbenchError
from jupyter_workbench.templates import configuration as templates
from jupyter_workbench.writing.files import set_aside, write_new


def attach_pair(project: Project, compute: DockerCompute | LocalCompute) -> list[str]:
    """Write a compute target and a run configuration of its name; return the files written.

    A run configuration of that name that wants this target already is left as it is. Any other file of one of the two
    names is refused with WorkbenchError, and nothing is written then.
    """
    texts = {f"{compute.name}.compute": compute_text(compute)}
    if not any(entry.name == entry.target == compute.name for entry in project.entries):
        texts[f"{compute.name}.runconfig"] = new_run_configuration(project, compute.name).text(compute.name)
    return write(project, texts)


def new_run_configuration(
    project: Project, target: str, framework: str = "Python", conda_file: str | None = None, *, prepare: bool = True
) -> templates.RunConfiguration:
    """Return what the file of a run configuration is to say; the usual dependency files, where the project has them."""

    def if_there(file: str) -> str | None:
        return file if (project.directory / file).exists() else None

    return templates.RunConfiguration(
        target, framework, conda_file or if_there(CONDA_FILE), if_there(SPARK_FILE), prepare
    )


def write(project: Project, texts: dict[str, str]) -> list[str]:
    """Write new files into ``aml_config/``, all of them or none; return them as they are named in messages."""
    folder = project.directory / CONFIG_FOLDER
    try:
        write_new({folder / name: text for name, text in texts.items()})
    except FileExistsError as error:
        name = Path(str(error.filename)).name
        raise WorkbenchError(
            f"{CONFIG_FOLDER}/{name} is there already and is left as it is - choose another name, or remove it with "
            f"`{_removing(name)}`."
        ) from None
    return [f"{CONFIG_FOLDER}/{name}" for name in texts]


def compute_text(compute: DockerCompute | LocalCompute) -> str:
    """Return the file of a compute target, as its template has it."""
    if isinstance(compute, LocalCompute):
        return templates.Local(compute.python_location).text(compute.name)
    return templates.LocalDocker(
        image=compute.image,
        shared_volumes=compute.shared_volumes,
        gpu=compute.nvidia_docker,
        memory=None if compute.memory is None else memory_text(compute.memory),
        cpus=None if compute.cpus is None else str(compute.cpus).removesuffix(".0"),
        network=compute.network,
        mounts=tuple(map(str, compute.mounts)),
    ).text(compute.name)


def run_configuration_text(configuration: RunConfiguration) -> str:
    """Return the file of a run configuration, as the template has it."""
    said = configuration.model_fields_set
    return templates.RunConfiguration(
        configuration.target,
        configuration.framework,
        configuration.conda_dependencies_file if "conda_dependencies_file" in said else None,
        configuration.spark_dependencies_file if "spark_dependencies_file" in said else None,
        prepare=bool(configuration.prepare_environment),
    ).text(configuration.name)


def remove_compute(project: Project, compute: ComputeFile) -> str:
    """Remove the file of a compute target; return a sentence that says so."""
    ours = compute_text(compute.target) if isinstance(compute.target, DockerCompute | LocalCompute) else None
    return _remove(project, compute.file, ours)


def remove_run_configuration(project: Project, entry: Entry) -> str:
    """Remove the file of a run configuration; return a sentence that says so. Raises ConfigurationError for others'."""
    if "Target" not in entry.locations:
        raise ConfigurationError(
            f"{entry.file} is left as it is: it cannot be read as a run configuration of Workbench - mend it "
            "(`workbench project check` says how), or remove the file yourself"
        )
    return _remove(project, entry.file, run_configuration_text(entry.configuration) if entry.configuration else None)


def _remove(project: Project, file: str, ours: str | None) -> str:
    """Remove a file that says no more than its template; set any other aside."""
    path = project.directory / file
    try:
        if ours is not None and path.read_bytes() == ours.encode():
            path.unlink()
            return f"Removed {file}."
        backup = set_aside(path)
    except OSError as error:
        raise WorkbenchError(f"{file} cannot be removed: {error.strerror}.") from error
    return f"Removed {file}; as it is not as its template has it, it is kept as {CONFIG_FOLDER}/{backup.name}."


def _removing(file: str) -> str:
    name, _, kind = file.rpartition(".")
    return f"workbench {'computetarget detach' if kind == 'compute' else 'runconfiguration delete'} -n {name}"
