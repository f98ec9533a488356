"""`PYTHON spark_builder PLAN.json`: prepares Spark for kernels of this machine; see `local`.

Prints lines of JSON as `builder` does. SIGTERM ends it, with what it has begun (exit code 143). The archive is made by
a process of its own, which goes on when this one has ended, and holds the lock of the archive until it ends.

What is there already is found without a lock; what is not is made by one kernel at a time.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def main(plan_file: str) -> int:
    """Prepare what a plan says; return the exit code."""
    if sys.path and Path(sys.path[0]).resolve() == HERE:
        del sys.path[0]  # modules here have the names of others
    package = load("spark_builder", HERE / "__init__.py")
    builder = load("builder", HERE.parent / "builder.py")
    local, places = (importlib.import_module(f"spark_builder.{name}") for name in ("local", "places"))
    programs = builder.Programs(builder.Progress())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: programs.cancel())
    plan = json.loads(Path(plan_file).read_text("utf-8"))
    spark = local.LocalSpark(plan, programs.run, programs.progress.say, os.environ)
    try:
        ready = spark.find()
        if ready is None:
            with places.turn(spark.folder, programs.progress.say, programs.check):
                ready = spark.prepare()
        lock = spark.begin_archive()
        builder.say({"ready": ready})
        if lock is not None and os.fork() == 0:
            alone()
            with contextlib.suppress(OSError, builder.Failed):
                spark.make_archive(Path(plan["python"]), spark.folder)
    except builder.Cancelled:
        return int(builder.CANCELLED)
    except (package.Refused, builder.Failed, OSError) as failure:
        kind, words = builder.told(failure) if not isinstance(failure, package.Refused) else failure.told
        builder.say({"error": {"kind": kind, "message": builder.masked(words)}})
        return int(builder.FAILED)
    return int(builder.BUILT)


def alone() -> None:
    """Become a process of its own that nobody waits for, and a guest of the machine."""
    os.setsid()
    os.nice(19)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nothing, descriptor)


def load(name: str, file: Path) -> Any:
    """Load a module or package by its file, without making its folder a place of modules."""
    below = [str(file.parent)] if file.name == "__init__.py" else None
    found = importlib.util.spec_from_file_location(name, file, submodule_search_locations=below)
    assert found is not None
    assert found.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
