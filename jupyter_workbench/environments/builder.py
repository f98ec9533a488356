"""Builds one environment where it will be used: `python3 builder.py PLAN.json`, with Python 3.8 or newer and uv only.

The plan is JSON: ``environment`` (the folder to build), ``cache``, ``pythons`` (uv's folders), ``uv`` (its program),
``python`` (what to ask uv for; null: the Python that runs this), ``requirements`` (lines of a requirements file),
``lock`` (versions to keep, or null), ``upgrade`` (forget those of the last time, too), ``variables`` (for uv),
``packages_to_compile_first`` (modules beside those of `KERNEL`), ``fingerprint`` and ``image`` (only passed on),
``compiled`` (a folder for compiled files of the library of the image's Python, or null), ``spark`` (what
`spark_builder`, which is beside this file, is told; null or missing: no Spark).

Each line of output is JSON: ``{"step", "message", "done", "total", "unit"}`` while it works, with ``"said"``, too, for
each line that a program says, without passwords; and at last ``{"ready": {...}}``, which is what ``ready.json`` in the
environment says, or ``{"error": {"kind", "message"}}`` with uv's own words, which `failures` explains. After the ready
line it goes on to compile what a kernel needs less soon.

An environment is complete or absent: ``ready.json`` is written last and at once, a folder without it is thrown away by
the next builder, and SIGTERM removes what is half-built (exit code 143). One that is complete stays usable while it is
built anew, until the new one takes its place.
"""

from __future__ import annotations

import compileall
import contextlib
import errno
import fcntl
import json
import os
import py_compile
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.util import cache_from_source, module_from_spec, source_from_cache, spec_from_file_location
from pathlib import Path
from typing import Any

READY = "ready.json"
LOCK = "lock.txt"
IMPORTED = "imported.txt"
"""Names the compiled files that a kernel imports at its start: what the next environment links first."""

BUILT, FAILED, CANCELLED = 0, 1, 143
DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)

KERNEL = (
    *("ipykernel.kernelapp", "ipykernel.debugger", "IPython.core.completerlib", "IPython.core.debugger"),
    *("IPython.core.logger", "IPython.core.oinspect", "IPython.extensions.storemagic", "IPython.utils.wildcard"),
    *("psutil", "tornado.gen", "tornado.platform.asyncio", "tornado.queues"),
)
"""What a kernel imports until it has run its first cell. The first must be there, others come with some versions."""

APART = "debugpy.server.api"
"""Half of the work, and no part of the first module: it is compiled at the same time."""

IMPORTING = """
import importlib, os, sys
packages, apart, first, *others = sys.argv[1:]
def attempt(name):
    try:
        importlib.import_module(name)
    except Exception:
        pass
helper = os.fork()
if not helper:
    attempt(apart)
    os._exit(0)
importlib.import_module(first)
os.waitpid(helper, 0)
for name in others:
    attempt(name)
library = os.path.dirname(os.__file__)
for module in list(sys.modules.values()):
    compiled = getattr(module, "__cached__", None) or ""
    if compiled.startswith((packages + os.sep, library + os.sep)) and os.path.exists(compiled):
        print(os.path.relpath(compiled, packages) if compiled.startswith(packages) else compiled)
"""
"""Prints the compiled files of what it has imported: of packages below their folder, of the library as they are."""

NO_LIBRARY = {"site-packages", "dist-packages", "test", "tests"}
"""Folders in that of the library, of which a kernel reads nothing, or not as its library."""

WATCH_SECONDS = 0.5

MOST_WORDS = 16 * 1024
"""Characters of uv's words that explain a failure: a failed build may print megabytes."""

MOST_SAID = 256 * 1024
"""Characters of what programs say that are passed on, all in all."""

LONGEST_SAID = 4000
"""Of one line."""


class Failed(Exception):
    """The environment cannot be built: what failed (`uv`, `python`, `import`, `disk`, `builder`), and its words."""

    def __init__(self, kind: str, words: str) -> None:
        super().__init__(kind, words)
        self.kind = kind
        self.words = words


class Cancelled(Exception):
    """SIGTERM came."""


def main(plan_file: str) -> int:
    """Build what a plan says; return the exit code."""
    builder = Builder(json.loads(Path(plan_file).read_text("utf-8")))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: builder.programs.cancel())
    try:
        say({"ready": builder.build()})
        builder.compile_the_rest()
    except Cancelled:
        builder.clean()
        return CANCELLED
    except (Failed, OSError) as failure:
        builder.clean()
        kind, words = told(failure)
        say({"error": {"kind": kind, "message": masked(words)}})
        return FAILED
    builder.clean()
    return BUILT


def told(failure: Failed | OSError) -> tuple[str, str]:
    """Return the kind and the words of a failure."""
    if isinstance(failure, Failed):
        return failure.kind, failure.words
    return "disk" if failure.errno in DISK_ERRORS else "builder", str(failure)


class Builder:
    """One environment on its way."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.final = Path(plan["environment"])
        self.new = self.final.with_name(self.final.name + ".new")
        self.old = self.final.with_name(self.final.name + ".old")
        self.folder = self.new if (self.final / READY).exists() else self.final
        self.work = Path(tempfile.mkdtemp(prefix="workbench-builder-"))
        self.programs = Programs(Progress())
        self.started = time.time()
        self.finished = False
        self.spark = spark_part(plan, self.programs) if plan.get("spark") else None

    def build(self) -> dict[str, Any]:
        """Build the environment; return what ``ready.json`` says."""
        self.remove_leavings()
        self.final.parent.mkdir(parents=True, exist_ok=True)
        if self.spark is not None:
            with refusals():
                self.spark.look()
        self.make_venv()
        self.install()
        library = self.library
        is_library_known = library is None or library.exists()
        if not (is_library_known and self.link_kernel()):
            compiled = self.import_kernel()
            if library is not None and not is_library_known:
                self.keep_library(library, compiled)
        ready = self.facts()
        if self.spark is not None:
            with refusals():
                ready["spark"] = self.spark.facts(self.python, self.packages, self.folder)
        self.finish(ready)
        return ready

    def remove_leavings(self) -> None:
        """Remove what a builder left that was killed."""
        tidy(Path(self.plan["cache"]))
        for folder in (self.folder, self.new, self.old):
            remove(folder)

    def make_venv(self) -> None:
        """Make the folder, with the Python that is asked for."""
        self.programs.progress.say("Making an environment")
        python = self.plan["python"] or sys.executable
        moves = [] if self.folder == self.final else ["--relocatable"]
        self.uv("python", "venv", "--python", python, "--python-preference", "system", *moves, str(self.folder))

    def install(self) -> None:
        """Resolve and install; versions that were kept are given up when they can no longer be had."""
        self.programs.progress.say("Resolving packages")
        lock = self.lock()
        try:
            self.uv("uv", *self.install_arguments(lock))
        except Failed as failed:
            if not lock or "No solution found" not in failed.words:
                raise
            self.programs.progress.say("Resolving packages anew, since the versions of last time cannot be had")
            self.uv("uv", *self.install_arguments([]))

    def lock(self) -> list[str]:
        """Return the versions to keep."""
        if self.plan.get("lock") or self.plan.get("upgrade"):
            return self.plan.get("lock") or []
        with contextlib.suppress(OSError):
            return self.kept_lock.read_text("utf-8").splitlines()
        return []

    def install_arguments(self, lock: Sequence[str]) -> Iterator[str]:
        """Yield the arguments for uv. What it takes from no file becomes an argument; pip comes along."""
        lines = []
        yield from ("pip", "install", "--python", str(self.python), "--link-mode", "hardlink")
        for line in self.plan["requirements"]:
            option, _, value = line.partition(" ")
            if option == "--pre":
                yield from ("--prerelease", "allow")
            elif option == "--trusted-host":
                yield from ("--allow-insecure-host", value.strip())
            elif option == "--require-hashes":
                yield option
            else:
                lines.append(line)
        if not {"--require-hashes", "--no-index"} & set(self.plan["requirements"]):
            lines.append("pip")
        if self.spark is not None:
            lines += self.spark.requirements()
        yield from ("--requirements", self.written("requirements.txt", lines))
        if lock:
            yield from ("--constraints", self.written("constraints.txt", lock))

    def written(self, name: str, lines: Sequence[str]) -> str:
        """Write a file that is gone when this ends: addresses of indexes may hold passwords."""
        path = self.work / name
        path.touch(0o600)
        path.write_text("".join(line + "\n" for line in lines), "utf-8")
        return str(path)

    def uv(self, kind: str, *arguments: str) -> None:
        """Run uv and tell how far it is. Raises Failed."""
        variables = {
            "UV_HTTP_RETRIES": "2",
            "UV_HTTP_TIMEOUT": "30",
            **os.environ,
            **self.plan["variables"],
            "UV_CACHE_DIR": self.plan["cache"],
            "UV_PYTHON_INSTALL_DIR": self.plan["pythons"],
            "UV_PYTHON_INSTALL_BIN": "0",
            # The Python of the image is the first that uv finds, wherever it is.
            "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)]),  # noqa: PTH120
        }
        for name in ("VIRTUAL_ENV", "UV_NO_PROGRESS", "UV_PYTHON"):
            variables.pop(name, None)
        code, words, _ = self.programs.run([self.plan["uv"], *arguments, "--no-config", "--color", "never"], variables)
        if code:
            raise Failed(kind, words)

    def link_kernel(self) -> bool:
        """Take what a kernel imports from an environment where it is compiled; False when some of it is other there."""
        packages = self.packages
        with contextlib.suppress(OSError, StopIteration):  # an environment may be removed at any time
            other = next(self.siblings())
            imported = (other / IMPORTED).read_text("utf-8").splitlines()
            theirs = other / packages.relative_to(self.folder)
            if imported and all(link_compiled(path, theirs, packages) for path in imported):
                shutil.copyfile(other / IMPORTED, self.folder / IMPORTED)
                return True
        return False

    def siblings(self) -> Iterator[Path]:
        """Yield the environments of the same image and Python, the newest first. Raises OSError."""
        mine = read_configuration(self.folder)
        others = [path for path in self.final.parent.glob("*/" + READY) if path.parent != self.folder]
        for ready in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True):
            image = json.loads(ready.read_text("utf-8")).get("image")
            if image == self.plan.get("image") and read_configuration(ready.parent) == mine:
                yield ready.parent

    def import_kernel(self) -> list[Path]:
        """Import what a kernel imports, which compiles it, and shows that it can be imported.

        Returns the compiled files of the library. Raises Failed.
        """
        self.programs.progress.say("Compiling what a kernel imports")
        modules = [*KERNEL, *(self.plan.get("packages_to_compile_first") or ())]
        command = [str(self.python), "-c", IMPORTING, str(self.packages), APART, *modules]
        variables = {**without_python_settings(), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}  # nobody debugs here
        code, words, imported = self.programs.run(command, variables)
        if code:
            raise Failed("import", words)
        lines = imported.splitlines()
        packages = [line for line in lines if not line.startswith(os.sep)]
        (self.folder / IMPORTED).write_text("".join(line + "\n" for line in packages), "utf-8")
        return [Path(line) for line in lines if line.startswith(os.sep)]

    def keep_library(self, folder: Path, compiled: Iterable[Path]) -> None:
        """Keep compiled files of the library, if some of them are new: a kernel starts from the image, without them.

        An empty folder says that the image has what a kernel needs, and that nobody has to look again.
        """
        part = folder.with_name(f"{folder.name}.{self.work.name}")
        try:
            part.mkdir(parents=True)
            if any(path.stat().st_mtime >= self.started for path in compiled):
                for path in compiled:
                    target = Path(f"{part}{path}")
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, target)
            part.rename(folder)
        except OSError:  # another builder was first; or the disk is full, which will show where it matters
            shutil.rmtree(part, ignore_errors=True)

    def facts(self) -> dict[str, Any]:
        """Return what is known of the environment."""
        configuration = read_configuration(self.folder)
        packages, size = installed(self.packages)
        return {
            "fingerprint": self.plan.get("fingerprint"),
            "image": self.plan.get("image"),
            "python": configuration["version_info"],
            "home": configuration["home"],
            "site_packages": str(self.packages.relative_to(self.folder)),
            "packages": packages,
            "bytes": size,
            "compiled": self.plan.get("compiled"),
            "created": self.started,
            "seconds": round(time.time() - self.started, 2),
        }

    def finish(self, ready: dict[str, Any]) -> None:
        """Make the environment count."""
        lines = [f"{name}=={version}\n" for name, version in ready["packages"]]
        (self.folder / LOCK).write_text("".join(lines), "utf-8")
        self.kept_lock.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.folder / LOCK, self.kept_lock)
        self.programs.check()
        part = self.folder / (READY + ".part")
        part.write_text(json.dumps(ready), "utf-8")
        part.replace(self.folder / READY)
        if self.folder == self.new:
            self.final.rename(self.old)
            self.folder = self.new.rename(self.final)
        self.finished = True
        remove(self.old)

    def compile_the_rest(self) -> None:
        """Compile all that is left, as a guest of the machine: several processes of the lowest priority."""
        os.nice(19)
        self.programs.progress.may_say = 0  # who reads the end of the log finds the outcome there
        if self.spark is not None:
            with contextlib.suppress(OSError, Failed):
                self.spark.make_archive(self.python, self.folder)
        with contextlib.suppress(OSError, StopIteration):
            other = next(self.siblings())
            link_all(other / self.packages.relative_to(self.folder), self.packages, self.programs.check)
        with contextlib.suppress(OSError, Failed):  # the environment is good without, too
            folders = [self.packages]
            if self.has_own_python:  # nobody has compiled the library of a Python of uv's
                folders += Path(read_configuration(self.folder)["home"]).parent.glob("lib/python3*")
            program = [str(self.python), str(Path(__file__).resolve())]
            self.programs.run([*program, "--compile", *map(str, folders)], without_python_settings())
            library = self.library
            if library is not None and any(library.iterdir()):
                self.programs.run([*program, "--compile-library", str(library)], without_python_settings())

    @property
    def has_own_python(self) -> bool:
        """Tell a Python of uv's, which is in the volume, from one of the image."""
        return Path(self.plan["pythons"]) in Path(read_configuration(self.folder)["home"]).parents

    @property
    def library(self) -> Path | None:
        """Where compiled files of the library of the image's Python are kept; None when nobody needs them."""
        if not self.plan.get("compiled") or self.has_own_python:
            return None
        version = read_configuration(self.folder)["version_info"].split(".")
        return Path(self.plan["compiled"], ".".join(version[:2]))

    @property
    def kept_lock(self) -> Path:
        """Where the versions stay when the environment goes."""
        return Path(self.plan["cache"], "workbench-locks", self.final.name + ".txt")

    @property
    def packages(self) -> Path:
        """Where packages are."""
        return next(self.folder.glob("lib/python3*/site-packages"))

    @property
    def python(self) -> Path:
        """The Python of the environment."""
        return self.folder / "bin" / "python"

    def clean(self) -> None:
        """Remove what is half-built."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        shutil.rmtree(self.work, ignore_errors=True)
        if not self.finished:
            shutil.rmtree(self.folder, ignore_errors=True)
            tidy(Path(self.plan["cache"]))


def spark_part(plan: dict[str, Any], programs: Programs) -> Any:
    """Load the package beside this file, without making its folder a place of modules, and return its `Spark`."""
    folder = Path(__file__).resolve().parent / "spark_builder"
    found = spec_from_file_location(folder.name, folder / "__init__.py", submodule_search_locations=[str(folder)])
    assert found is not None
    assert found.loader is not None
    package = sys.modules[folder.name] = module_from_spec(found)
    found.loader.exec_module(package)
    return package.Spark(plan["spark"], programs.run, programs.progress.say, {**os.environ, **plan["variables"]})


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """Let what Spark's part refuses be a failure of ours."""
    try:
        yield
    except sys.modules["spark_builder"].Refused as refused:
        raise Failed(refused.kind, refused.words) from None


class Programs:
    """Runs one program at a time, until SIGTERM ends it."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.running: subprocess.Popen[bytes] | None = None
        self.cancelled = False

    def run(self, command: Sequence[str], variables: dict[str, str]) -> tuple[int, str, str]:
        """Run a program; return its exit code, the words of a failure and its output. Raises Cancelled and Failed."""
        self.check()
        with tempfile.TemporaryFile() as output:
            try:
                self.running = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.PIPE,
                    env=variables,
                    start_new_session=True,  # a group of its own: what it starts ends with it
                )
            except OSError as error:
                raise Failed("builder", f"{command[0]} cannot be run: {error.strerror}") from None
            words = self.follow(self.running)
            self.check()
            output.seek(0)
            return self.running.returncode, words, output.read().decode("utf-8", "replace")

    def follow(self, program: subprocess.Popen[bytes]) -> str:
        """Tell how far a program is until it ends; return what else it says."""
        assert program.stderr
        if self.cancelled:  # by a signal that came while it was started
            self.cancel()
        words = [
            line for line in (raw.decode("utf-8", "replace") for raw in program.stderr) if not self.progress.hear(line)
        ]
        program.wait()
        program.stderr.close()
        return "".join(words)[-MOST_WORDS:]

    def cancel(self) -> None:
        """End what runs, and let nothing else begin."""
        self.cancelled = True
        if self.running is not None and self.running.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.running.pid, signal.SIGKILL)

    def check(self) -> None:
        """Stop here when SIGTERM came. Raises Cancelled."""
        if self.cancelled:
            raise Cancelled


class Progress:
    """What uv says, made into lines of ours."""

    RESOLVED = re.compile(r"Resolved (\d+) packages? in ")
    PREPARED = re.compile(r"(Prepared|Installed) \d+ packages? in ")
    DOWNLOADING = re.compile(r"Downloading (\S+).* \(([\d.]+)([KMG]i)?B\)$")
    DOWNLOADED = re.compile(r" ?Downloaded (\S+)")
    BUILDING = re.compile(r" +Building (.+)$")
    BUILT = re.compile(r" +Built (.+)$")
    REST = re.compile(r"(Uninstalled|Checked|Audited) \d+ packages? in | [+~-] |Using |Creating |Activate ")

    def __init__(self) -> None:
        self.packages = 0
        self.is_prepared = False
        self.sizes: dict[str, int] = {}
        self.on_the_way: list[str] = []
        self.being_built: list[str] = []
        self.received_before = 0
        self.newest = moment("Preparing the environment")
        self.may_say = MOST_SAID

    def say(self, message: str, done: int | None = None, total: int | None = None, unit: str | None = None) -> None:
        """Print one moment."""
        self.newest = moment(message, done, total, unit)
        say(self.newest)

    def hear(self, line: str) -> bool:
        """Pass a line on, and tell what it means; False for one that belongs to a failure."""
        if self.may_say > 0 and line.strip():
            said = masked(line.rstrip())[:LONGEST_SAID]
            say({**self.newest, "said": said})
            self.may_say -= len(said)
            if self.may_say <= 0:
                say({**self.newest, "said": "... what else is said is left out here"})
        return self.read(line)

    def read(self, line: str) -> bool:
        """Tell what a line of uv's means; False for one that belongs to a failure."""
        line = line.rstrip("\n")
        for pattern, tell in (
            (self.RESOLVED, self.resolved),
            (self.PREPARED, self.prepared),
            (self.DOWNLOADING, self.download_began),
            (self.DOWNLOADED, self.download_ended),
            (self.BUILDING, self.build_began),
            (self.BUILT, self.build_ended),
            (self.REST, lambda _: None),
        ):
            found = pattern.match(line)
            if found:
                tell(found)
                return True
        return False

    def resolved(self, found: re.Match[str]) -> None:
        """Tell how many packages there will be."""
        self.packages = int(found.group(1))
        self.say(f"Installing {self.packages} packages", 0, self.packages, "packages")

    def prepared(self, found: re.Match[str]) -> None:
        """Tell that all packages are in the cache, or in the environment."""
        self.is_prepared = True
        is_end = found.group(1) == "Installed"
        message = f"{'Installed' if is_end else 'Installing'} {self.packages} packages"
        self.say(message, self.packages if is_end else 0, self.packages, "packages")

    def download_began(self, found: re.Match[str]) -> None:
        """Add a download to those that are known; uv announces the large ones only."""
        name, number, unit = found.groups()
        factor = 1024 ** ("KMG".index(unit[0]) + 1) if unit else 1
        if not self.sizes:
            self.received_before = received()
            threading.Thread(target=self.watch, daemon=True).start()
        self.sizes[name] = int(float(number) * factor)
        self.on_the_way.append(name)
        self.download()

    def download_ended(self, found: re.Match[str]) -> None:
        """Tell that one more is there."""
        if found.group(1) in self.on_the_way:
            self.on_the_way.remove(found.group(1))
        self.download()
        self.build()

    def build_began(self, found: re.Match[str]) -> None:
        """Tell what is being built."""
        self.being_built.append(masked(found.group(1)))
        self.say(f"Building {self.being_built[-1]}")

    def build_ended(self, found: re.Match[str]) -> None:
        """Tell what is still being built."""
        built = masked(found.group(1))
        if built in self.being_built:
            self.being_built.remove(built)
        self.build()

    def build(self) -> None:
        """Tell what is waited for, unless a download is: that one has numbers."""
        if self.being_built and not self.on_the_way:
            self.say(f"Building {self.being_built[-1]}")

    def download(self) -> None:
        """Tell how much is there; uv does not say it of a download that is on its way, the container's network does."""
        on_the_way = sorted(self.on_the_way, key=lambda name: self.sizes[name])
        total = sum(list(self.sizes.values()))
        done = total - sum(self.sizes[name] for name in on_the_way)
        message = f"Downloading {on_the_way[-1]}" if on_the_way else "Downloaded the large packages"
        more = f" and {len(on_the_way) - 1} more" if len(on_the_way) > 1 else ""
        self.say(message + more, max(done, min(received() - self.received_before, total)), total, "bytes")

    def watch(self) -> None:
        """Tell it again while nothing else happens."""
        while not self.is_prepared:
            time.sleep(WATCH_SECONDS)
            if self.on_the_way:
                self.download()


def received() -> int:
    """Return how many bytes have come over the network of this container; 0 where that cannot be known."""
    try:
        lines = Path("/proc/net/dev").read_text("utf-8").splitlines()[2:]
        return sum(
            int(numbers.split()[0])
            for name, _, numbers in (line.partition(":") for line in lines)
            if name.strip() != "lo"
        )
    except (OSError, ValueError, IndexError):
        return 0


def link_compiled(compiled: str, theirs: Path, mine: Path) -> bool:
    """Link a compiled file of `theirs` to its place in `mine`, if what it was compiled from is the same file there.

    It is, when both are links to one file of the cache: then its time and size are what the compiled file says, too.
    """
    source, target = Path(source_from_cache(compiled)), mine / compiled
    try:
        if (theirs / source).stat().st_ino != (mine / source).stat().st_ino:
            return False
        target.parent.mkdir(exist_ok=True)
        os.link(theirs / compiled, target)
    except FileExistsError:
        return True
    except OSError:
        return False  # another environment may go at any time, and nobody needs its files
    return True


def link_all(theirs: Path, mine: Path, check: Callable[[], None]) -> None:
    """Link whatever is compiled in another environment."""
    for cache in theirs.glob("**/__pycache__"):
        check()
        inside = cache.relative_to(theirs)
        if (mine / inside.parent).is_dir():
            for compiled in cache.glob("*.pyc"):
                link_compiled(str(inside / compiled.name), theirs, mine)


def compile_library(folder: Path) -> None:
    """Compile what is missing in a folder of the library of this Python, each file at its own path below the folder."""
    library = Path(os.__file__).parent
    for source in library.glob("**/*.py"):
        compiled = Path(f"{folder}{cache_from_source(str(source))}")
        if NO_LIBRARY.isdisjoint(source.relative_to(library).parts) and not compiled.exists():
            with contextlib.suppress(py_compile.PyCompileError):  # there are examples of errors
                py_compile.compile(str(source), str(compiled), str(source), doraise=True)


def read_configuration(folder: Path) -> dict[str, str]:
    """Read ``pyvenv.cfg``: which Python an environment stands on."""
    pairs = (line.partition("=") for line in (folder / "pyvenv.cfg").read_text("utf-8").splitlines())
    facts = {key.strip(): value.strip() for key, _, value in pairs}
    return {"home": facts["home"], "version_info": facts["version_info"]}


def installed(packages: Path) -> tuple[list[list[str]], int]:
    """Return [name, version] of each package, and how many bytes they have."""
    found, size = [], 0
    for folder in sorted(packages.glob("*.dist-info")):
        name, _, version = folder.name[: -len(".dist-info")].partition("-")
        found.append([re.sub(r"[-_.]+", "-", name).lower(), version])
        for line in (folder / "RECORD").read_text("utf-8", "replace").splitlines():
            number = line.rpartition(",")[2]
            size += int(number) if number.isdigit() else 0
    return found, size


def without_python_settings() -> dict[str, str]:
    """Return our environment without what would keep Python from compiling, or would have it look elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def remove(folder: Path) -> None:
    """Remove a folder or what is left of it. Raises OSError when it stays."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)


def tidy(cache: Path) -> None:
    """Remove what an interrupted uv left in its cache, unless another one is at work: each uv holds a shared lock."""
    with contextlib.suppress(OSError), (cache / ".lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for leaving in (*cache.glob(".tmp*"), *cache.glob("builds-v*/.tmp*"), *cache.glob("wheels-v*/*/*/.tmp*")):
            if leaving.is_dir():
                shutil.rmtree(leaving, ignore_errors=True)
            else:
                leaving.unlink()


def masked(text: str) -> str:
    """Return a text without the passwords and signatures of addresses in it; as in `secrets`, which is not here."""
    text = re.sub(r"([\w+.-]://)[^/@\s'\"`]+@", r"\1***@", text)
    return re.sub(r"([\w+.-]://[^\s'\"`?#]+\?)[^\s'\"`)#]+", r"\1***", text)


def moment(message: str, done: int | None = None, total: int | None = None, unit: str | None = None) -> dict[str, Any]:
    """Return how far the environment is, as a line of output."""
    return {"step": "environment", "message": message, "done": done, "total": total, "unit": unit}


def say(line: dict[str, Any]) -> None:
    """Print one line of JSON."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1] == "--compile":
        for folder in sys.argv[2:]:
            compileall.compile_dir(folder, quiet=2, workers=0, maxlevels=30)
    elif sys.argv[1] == "--compile-library":
        compile_library(Path(sys.argv[2]))
    else:
        sys.exit(main(sys.argv[1]))
