"""Compute target `local`: the user's own Python on this machine, in the project folder itself, never in a copy."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import replace

from jupyter_workbench.config.models import LocalCompute
from jupyter_workbench.config.problems import Problem
from jupyter_workbench.config.project import Entry, Project
from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets import interpreters
from jupyter_workbench.targets.base import Prepared
from jupyter_workbench.targets.progress import Report, quiet
from jupyter_workbench.targets.share import SHARE_VARIABLE, problem_at, share_folder


async def problems(project: Project, entry: Entry, environment: Mapping[str, str]) -> tuple[Problem, ...]:
    """Ask the interpreter whether it can run a kernel."""
    try:
        await interpreters.choose(_compute(entry).python_location, environment, project.directory)
    except interpreters.UnusableInterpreter as error:
        return (problem_at(entry, "pythonLocation", str(error)),)
    return ()


async def prepare(
    project: Project,
    entry: Entry,
    environment: Mapping[str, str],
    report: Report = quiet,
    *,
    build: bool = True,
    upgrade: bool = False,
) -> Prepared:
    """Find the interpreter, make the share folder, and put the environment together; with PySpark, prepare Spark.

    Nothing is ever installed into the user's Python.
    """
    compute = _compute(entry)
    try:
        choice = await interpreters.choose(compute.python_location, environment, project.directory)
    except interpreters.UnusableInterpreter as error:
        raise TargetError(str(problem_at(entry, "pythonLocation", str(error)))) from None
    share = f"{await asyncio.to_thread(share_folder, project, entry, compute.native_shared_directory)}{os.sep}"
    configured = entry.configuration.environment_variables if entry.configuration else {}
    variables = {**environment, SHARE_VARIABLE: share, **configured}
    kept = {name: value for name, value in variables.items() if value is not None}  # null in the file unsets
    prepared = Prepared(choice.python, project.directory, kept, choice.notice)
    if entry.framework != "PySpark":
        return prepared
    from jupyter_workbench.targets.local_spark import LocalSpark

    spark = LocalSpark(project, entry, choice.python, kept, report, build=build, upgrade=upgrade)
    return replace(prepared, spark=await spark.prepare())


async def settled() -> None:
    """Return at once: what goes on in the background belongs to no process of ours."""


def _compute(entry: Entry) -> LocalCompute:
    if not isinstance(entry.compute, LocalCompute):
        raise TypeError(f"{entry.file} is not a run configuration of a local compute target")
    return entry.compute
