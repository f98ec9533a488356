"""Builds one environment where it will be used: `python3 builder.py PLAN.json`, with Python 3.8 or newer and uv only.

The plan is JSON: ``environment`` (the folder to build), ``cache``, ``pythons`` (uv's folders), ``uv`` (its program),
``python`` (what to ask uv for; null: the Python that runs this), ``requirements`` (lines of a requirements file),
``lock`` (versions to keep, or null), ``upgrade`` (do not keep those of the last time either), ``variables`` (for uv),
``packages_to_compile_first``, and ``fingerprint`` and ``image``, which are only passed on.

Each line of output is JSON: ``{"step", "message", "done", "total", "unit"}`` while it works, and at last
``{"ready": {...}}``, which is what ``ready.json`` in the environment says, or ``{"error": {"kind", "message"}}`` with
uv's own words, which `failures` explains. After the ready line it goes on to compile what a kernel needs less soon.

An environment is complete or absent: ``ready.json`` is written last and at once, a folder without it is thrown away by
the next builder, and SIGTERM removes what is half-built (exit code 143). While one that is complete is built anew, it
stays usable until it is replaced.
"""

import compileall
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

READY = "ready.json"
LOCK = "lock.txt"
BUILT, FAILED, CANCELLED = 0, 1, 143

KERNEL_MODULES = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "IPython.core.completer",
    "IPython.core.magics",
    "IPython.extensions.storemagic",
    "comm",
    "debugpy",
    "matplotlib_inline.backend_inline",
)
"""What a kernel imports before its first cell; the first of them must be there."""

MOST_WORDS = 16 * 1024
"""Characters of uv's words that are passed on: a failed build may print megabytes."""


class Failed(Exception):
    """The environment cannot be built: (kind, words)."""


class Cancelled(Exception):
    """SIGTERM came."""


def main(arguments):
    """Build what a plan says; return the exit code."""
    with open(arguments[0], encoding="utf-8") as file:
        plan = json.load(file)
    builder = Builder(plan)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, builder.cancel)
    try:
        ready = builder.build()
        say({"ready": ready})
        builder.compile_the_rest()
    except Cancelled:
        builder.clean()
        return CANCELLED
    except Failed as failed:
        kind, words = failed.args
    except OSError as error:
        kind, words = "disk", str(error)
    else:
        return BUILT
    builder.clean()
    say({"error": {"kind": kind, "message": masked(words)}})
    return FAILED


class Builder:
    """One environment on its way."""

    def __init__(self, plan):
        self.plan = plan
        self.final = plan["environment"]
        # One that is ready may be in use: it is built beside, and takes its place at the end.
        self.folder = self.final + ".new" if os.path.exists(os.path.join(self.final, READY)) else self.final
        self.work = tempfile.mkdtemp(prefix="workbench-builder-")
        self.progress = Progress()
        self.process = None
        self.cancelled = False
        self.finished = False

    def build(self):
        """Build the environment; return what is said of it in ``ready.json``."""
        started = time.time()
        remove(self.folder)
        os.makedirs(os.path.dirname(self.final), exist_ok=True)
        self.make_venv()
        self.install()
        self.link_compiled()
        self.progress.say("Compiling what a kernel imports")
        self.import_kernel()
        ready = self.facts(started)
        self.finish(ready)
        return ready

    def make_venv(self):
        """Make the folder, with the Python that is asked for."""
        self.progress.say("Making an environment")
        python = self.plan["python"] or sys.executable
        options = ["--python", python, "--python-preference", "system", "--no-project"]
        if self.folder != self.final:
            options.append("--relocatable")
        self.uv("python", ["venv", *options, self.folder])

    def install(self):
        """Resolve and install; versions that were kept are given up when they can no longer be had."""
        self.progress.say("Resolving packages")
        lock = self.lock()
        try:
            self.uv("uv", self.install_command(lock))
        except Failed:
            if not lock:
                raise
            self.progress.say("Resolving packages anew, since the kept versions cannot be had")
            self.uv("uv", self.install_command(()))

    def lock(self):
        """Return the versions to keep."""
        if self.plan.get("lock") or self.plan.get("upgrade"):
            return self.plan.get("lock") or ()
        try:
            with open(os.path.join(self.final, LOCK), encoding="utf-8") as file:
                return file.read().splitlines()
        except OSError:
            return ()

    def install_command(self, lock):
        """Return the arguments for uv."""
        requirements, options = self.parted_requirements()
        command = ["pip", "install", "--python", self.python(), "--link-mode", "hardlink", *options]
        command += ["--requirements", self.write("requirements.txt", requirements)]
        if lock:
            command += ["--constraints", self.write("constraints.txt", lock)]
        return command

    def parted_requirements(self):
        """Return the lines for the file, and what uv wants as arguments instead."""
        lines, options = [], []
        for line in self.plan["requirements"]:
            option, _, value = line.partition(" ")
            if option == "--pre":
                options += ["--prerelease", "allow"]
            elif option == "--trusted-host":
                options += ["--allow-insecure-host", value.strip()]
            elif option == "--require-hashes":
                options.append(option)
            else:
                lines.append(line)
        if not {"--require-hashes", "--no-index"} & set(self.plan["requirements"]):
            lines.append("pip")
        return lines, options

    def write(self, name, lines):
        """Write a file that is gone when this ends: addresses of indexes may hold passwords."""
        path = os.path.join(self.work, name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines)
        return path

    def uv(self, kind, arguments):
        """Run uv and tell how far it is."""
        command = [self.plan["uv"], *arguments, "--no-config", "--color", "never"]
        words = self.run(command, self.uv_variables())
        if self.process.returncode != 0:
            raise Failed(kind, words)

    def uv_variables(self):
        """Return the environment of uv."""
        variables = {
            "UV_HTTP_RETRIES": "2",
            "UV_HTTP_TIMEOUT": "30",
            **os.environ,
            **self.plan["variables"],
            "UV_CACHE_DIR": self.plan["cache"],
            "UV_PYTHON_INSTALL_DIR": self.plan["pythons"],
            "UV_PYTHON_INSTALL_BIN": "0",
        }
        for name in ("VIRTUAL_ENV", "UV_NO_PROGRESS", "UV_PYTHON", "PYTHONPATH", "PYTHONHOME"):
            variables.pop(name, None)
        return variables

    def run(self, command, variables=None):
        """Run a program in a group of its own; return what it said. Raises Cancelled."""
        self.check()
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=variables,
                start_new_session=True,
            )
        except OSError as error:
            raise Failed("uv", "%s cannot be run: %s" % (command[0], error)) from None
        if self.cancelled:
            self.kill()
        words = []
        for line in self.process.stderr:
            text = line.decode("utf-8", "replace")
            if not self.progress.read(text):
                words.append(text)
        self.process.wait()
        self.process.stderr.close()
        self.check()
        return "".join(words)[-MOST_WORDS:]

    def link_compiled(self):
        """Take over what was compiled for the same files of another environment: they are links to the same file."""
        mine = self.site_packages()
        for other in self.siblings():
            self.check()
            for root, folders, names in os.walk(other):
                if os.path.basename(root) != "__pycache__":
                    here = os.path.join(mine, os.path.relpath(root, other))
                    folders[:] = [
                        name for name in folders if os.path.isdir(os.path.join(here, name)) or name == "__pycache__"
                    ]
                    continue
                link_all(
                    root,
                    names,
                    os.path.dirname(root),
                    os.path.join(mine, os.path.relpath(os.path.dirname(root), other)),
                )
            return

    def siblings(self):
        """Return the packages of the environments with the same Python, the newest first."""
        parent = os.path.dirname(self.final)
        inside = os.path.relpath(self.site_packages(), self.folder)
        found = []
        for name in os.listdir(parent):
            folder = os.path.join(parent, name)
            ready = os.path.join(folder, READY)
            if os.path.exists(ready) and os.path.isdir(os.path.join(folder, inside)):
                found.append((os.stat(ready).st_mtime, os.path.join(folder, inside)))
        return [folder for _, folder in sorted(found, reverse=True)]

    def import_kernel(self):
        """Import what a kernel imports, which compiles it, and shows that it can be imported."""
        modules = list(KERNEL_MODULES)
        modules += [name for name in self.plan.get("packages_to_compile_first") or () if name not in modules]
        variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        words = self.run([self.python(), "-c", IMPORTING, *modules], variables)
        if self.process.returncode != 0:
            raise Failed("import", words)

    def facts(self, started):
        """Return what is known of the environment."""
        configuration = {}
        with open(os.path.join(self.folder, "pyvenv.cfg"), encoding="utf-8") as file:
            for line in file:
                key, _, value = line.partition("=")
                configuration[key.strip()] = value.strip()
        packages, size = installed(self.site_packages())
        return {
            "fingerprint": self.plan.get("fingerprint"),
            "image": self.plan.get("image"),
            "python": configuration["version_info"],
            "home": configuration["home"],
            "site_packages": os.path.relpath(self.site_packages(), self.folder),
            "packages": packages,
            "bytes": size,
            "created": started,
            "seconds": round(time.time() - started, 2),
        }

    def finish(self, ready):
        """Make the environment count."""
        lines = ["%s==%s\n" % tuple(package) for package in ready["packages"]]
        with open(os.path.join(self.folder, LOCK), "w", encoding="utf-8") as file:
            file.writelines(lines)
        self.check()
        if self.folder != self.final:
            old = self.final + ".old"
            remove(old)
            os.rename(self.final, old)
            os.rename(self.folder, self.final)
            self.folder = self.final
        path = os.path.join(self.final, READY)
        with open(path + ".part", "w", encoding="utf-8") as file:
            json.dump(ready, file)
        os.replace(path + ".part", path)
        self.finished = True
        remove(self.final + ".old")

    def compile_the_rest(self):
        """Compile every other module, as a guest of the machine: several processes of the lowest priority."""
        os.nice(19)
        script = os.path.abspath(__file__)
        self.run([self.python(), script, "--compile", self.site_packages()])

    def site_packages(self):
        """Return where packages are."""
        library = os.path.join(self.folder, "lib")
        (name,) = [name for name in os.listdir(library) if name.startswith("python")]
        return os.path.join(library, name, "site-packages")

    def python(self):
        """Return the Python of the environment."""
        return os.path.join(self.folder, "bin", "python")

    def cancel(self, *_):
        """Remember that SIGTERM came, and end what runs."""
        self.cancelled = True
        self.kill()

    def kill(self):
        """End the program that runs, and all that it started."""
        if self.process is not None and self.process.returncode is None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def check(self):
        """Stop here when SIGTERM came."""
        if self.cancelled:
            raise Cancelled

    def clean(self):
        """Remove what is half-built."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        shutil.rmtree(self.work, ignore_errors=True)
        if not self.finished:
            shutil.rmtree(self.folder, ignore_errors=True)


class Progress:
    """What uv says, made into lines of ours."""

    SIZES = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
    RESOLVED = re.compile(r"^Resolved (\d+) packages? in ")
    DOWNLOADING = re.compile(r"^Downloading (\S+).* \(([\d.]+)([KMG]?i?B)\)$")
    DOWNLOADED = re.compile(r"^ ?Downloaded (\S+)")
    BUILDING = re.compile(r"^ +Building (.+)$")
    DONE = re.compile(
        r"^(Prepared|Installed|Uninstalled|Checked|Audited) (\d+) packages? in |^ +Built |^ [+~-] |^Using |^Creating |^Activate "
    )

    def __init__(self):
        self.packages = None
        self.sizes = {}
        self.done = 0

    def say(self, message, done=None, total=None, unit=None):
        """Print one moment."""
        say({"step": "environment", "message": message, "done": done, "total": total, "unit": unit})

    def read(self, line):
        """Tell what a line of uv's means; False when it is one that a failure should quote."""
        line = line.rstrip("\n")
        resolved, downloading = self.RESOLVED.match(line), self.DOWNLOADING.match(line)
        downloaded, building = self.DOWNLOADED.match(line), self.BUILDING.match(line)
        if resolved:
            self.packages = int(resolved.group(1))
            self.say("Installing %d packages" % self.packages, 0, self.packages, "packages")
        elif downloading:
            name, number, unit = downloading.groups()
            self.sizes[name] = int(float(number) * self.SIZES.get(unit, 1))
            self.downloads("Downloading %s" % name)
        elif downloaded:
            self.done += self.sizes.get(downloaded.group(1), 0)
            self.downloads("Downloaded %s" % downloaded.group(1))
        elif building:
            self.say("Building %s" % masked(building.group(1)))
        elif line.startswith("Prepared "):
            self.say("Installing %s packages" % self.packages, 0, self.packages, "packages")
        elif line.startswith("Installed "):
            self.say("Installed %s packages" % self.packages, self.packages, self.packages, "packages")
        return bool(resolved or downloading or downloaded or building or self.DONE.match(line))

    def downloads(self, message):
        """Tell how much of the downloads that uv has announced is there."""
        self.say(message, self.done, sum(self.sizes.values()), "bytes")


IMPORTING = """
import importlib, sys
first, *others = sys.argv[1:]
importlib.import_module(first)
for name in others:
    try:
        importlib.import_module(name)
    except Exception:
        pass
"""
"""Only the first must be there: others come with some versions of a kernel only."""


def link_all(cache, names, sources, mine):
    """Link the compiled modules in the folder `cache`, made of those in `sources`, to where their twins in `mine` are."""
    target = os.path.join(mine, "__pycache__")
    twins = {entry.name: entry.inode() for entry in os.scandir(mine)} if os.path.isdir(mine) else {}
    same = {entry.name[:-3] for entry in os.scandir(sources) if twins.get(entry.name) == entry.inode()}
    chosen = [name for name in names if name.endswith(".pyc") and name.partition(".")[0] in same]
    if not chosen:
        return
    os.makedirs(target, exist_ok=True)
    for name in chosen:
        try:
            os.link(os.path.join(cache, name), os.path.join(target, name))
        except FileExistsError:
            pass


def installed(site_packages):
    """Return [name, version] of each package, and how many bytes they have."""
    packages, size = [], 0
    for name in sorted(os.listdir(site_packages)):
        if not name.endswith(".dist-info"):
            continue
        distribution, _, version = name[: -len(".dist-info")].partition("-")
        packages.append([re.sub(r"[-_.]+", "-", distribution).lower(), version])
        with open(os.path.join(site_packages, name, "RECORD"), encoding="utf-8", errors="replace") as file:
            for line in file:
                number = line.rstrip().rpartition(",")[2]
                size += int(number) if number.isdigit() else 0
    return packages, size


def remove(folder):
    """Remove a folder, or what is left of it. Raises OSError when it stays."""
    if os.path.lexists(folder):
        shutil.rmtree(folder)


def masked(text):
    """Return a text without the passwords and signatures of addresses in it."""
    text = re.sub(r"([a-zA-Z][\w+.-]*://)[^/@\s'\"`]+@", r"\1***@", text)
    return re.sub(r"([a-zA-Z][\w+.-]*://[^\s'\"`?#]+\?)[^\s'\"`)#]+", r"\1***", text)


def say(line):
    """Print one line of JSON."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1] == "--compile":
        compileall.compile_dir(sys.argv[2], quiet=2, workers=0, maxlevels=30)
    else:
        sys.exit(main(sys.argv[1:]))
