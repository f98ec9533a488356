from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
OF_THE_MAKE_AROUND_US = ("PYTHON", "ARGS", "MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES")
TOOLS = ("cp", "dirname", "find", "mkdir", "rm", "touch")

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="this machine has no make")

OLD = "sys.version_info = (3, 9, 18, 'final', 0)"
WITHOUT_VENV = "sys.version_info = (3, 11, 2, 'final', 0); sys.modules['ensurepip'] = None"

DAMAGED = """\
#!/bin/sh
exec "{real}" -c "import sys; {damage}; exec(sys.argv[2])" "$@"
"""
SOUND = """\
#!/bin/sh
case "$2" in
    venv) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    pip | pytest | coverage) echo "$@" >> "{log}" ;;
    *) exec "{real}" "$@" ;;
esac
"""


@pytest.fixture
def a_clone(tmp_path: Path) -> Path:
    """A folder with what `make` needs of this repository."""
    clone = tmp_path / "a clone"
    (clone / ".ci").mkdir(parents=True)
    for file in ("Makefile", "pyproject.toml", ".ci/setup"):
        shutil.copy2(REPOSITORY / file, clone / file)
    return clone


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """The only folder on the PATH: the usual tools, and no Python until a test puts one there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).symlink_to(shutil.which(tool))
    return folder


@pytest.fixture
def make(a_clone: Path, programs: Path):
    """Run make in the clone."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if name not in OF_THE_MAKE_AROUND_US}
        command = [shutil.which("make"), *arguments]
        return subprocess.run(
            command,
            cwd=a_clone,
            env={**environment, "PATH": str(programs)},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def pip_and_pytest(programs: Path, tmp_path: Path):
    """Put a sound Python on the PATH; return what its pip and pytest were called with."""
    log = tmp_path / "log"
    program(programs / "python3", SOUND.format(real=sys.executable, log=log))
    return lambda: log.read_text().splitlines() if log.exists() else []


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def damaged(path: Path, damage: str) -> None:
    program(path, DAMAGED.format(real=sys.executable, damage=damage))


def only_sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode != 0
    sentence, *makes_own = done.stderr.splitlines()
    assert all(line.startswith("make") for line in makes_own)
    assert done.stdout == ""
    return sentence


@pytest.mark.parametrize("goal", ["start", "test", "lint", "coverage", "soak", "benchmarks"])
def test_without_a_python_one_sentence_says_so(make, goal):
    assert only_sentence(make(goal)) == (
        "Python 3.10 or newer is needed, and there is none - "
        "install it (https://www.python.org/downloads/), or name another one: make PYTHON=/path/to/python3"
    )


def test_with_an_old_python_one_sentence_says_so(make, programs):
    damaged(programs / "python3", OLD)
    assert only_sentence(make("start")) == (
        "Python 3.10 or newer is needed, and this one is 3.9.18 (python3) - "
        "install a newer one, or name another one: make PYTHON=/path/to/python3"
    )


def test_with_a_python_without_venv_one_sentence_says_so(make, programs):
    damaged(programs / "python3", WITHOUT_VENV)
    damaged(programs / "python", OLD)
    assert only_sentence(make("start")) == (
        "Python 3.11.2 (python3) has no venv module - "
        "run `apt install python3-venv` (Debian, Ubuntu), or name another one: make PYTHON=/path/to/python3"
    )


def test_a_python_that_was_named_wrongly_is_not_replaced_by_another(make, pip_and_pytest):
    assert only_sentence(make("start", "PYTHON=/no where/python")) == (
        "PYTHON=/no where/python is no Python that runs - correct it, or leave it out"
    )


def test_a_shim_that_only_fails_is_no_python(make, programs):
    program(programs / "python3", "#!/bin/sh\necho 'pyenv: python3: command not found' >&2\nexit 127\n")
    assert only_sentence(make("start")).startswith("Python 3.10 or newer is needed, and there is none")


def test_packages_that_cannot_be_installed_are_said_last(make, programs):
    offline = SOUND.replace("pip |", "pip) echo no network >&2; exit 1 ;;\n   ")
    program(programs / "python3", offline.format(real=sys.executable, log="log"))
    done = make("test")
    assert done.returncode != 0
    assert done.stderr.splitlines()[:2] == [
        "no network",
        "The packages could not be installed (see above) - check the network, or the package index that pip uses.",
    ]


def test_a_good_python_is_found_behind_bad_ones(make, programs, pip_and_pytest):
    (programs / "python3").rename(programs / "python3.12")
    damaged(programs / "python3", OLD)
    damaged(programs / "python3.13", WITHOUT_VENV)
    assert make("test").returncode == 0
    assert pip_and_pytest() == [INSTALLED_FOR_TESTS, "-m pytest"]


INSTALLED_FOR_TESTS = "-m pip install --quiet --disable-pip-version-check --editable .[test]"


def test_everything_is_set_up_once(make, pip_and_pytest):
    make("test")
    make("test", "ARGS=-x")
    assert pip_and_pytest() == [INSTALLED_FOR_TESTS, "-m pytest", "-m pytest -x"]


def test_coverage_runs_the_tests_and_adds_up_what_their_processes_saw(make, pip_and_pytest):
    assert make("coverage", "ARGS=-x").returncode == 0
    assert pip_and_pytest() == [
        INSTALLED_FOR_TESTS,
        "-m coverage erase",
        "-m coverage run -m pytest -x",
        "-m coverage combine --quiet",
        "-m coverage report",
    ]


def test_everything_is_set_up_again_when_the_requirements_changed(make, pip_and_pytest, a_clone):
    make("test")
    later = (a_clone / ".venv/ready-to-test").stat().st_mtime + 10
    os.utime(a_clone / "pyproject.toml", (later, later))
    make("test")
    assert pip_and_pytest().count(INSTALLED_FOR_TESTS) == 2


def test_an_environment_whose_python_is_gone_is_made_anew(make, pip_and_pytest, a_clone):
    make("test")
    damaged(a_clone / ".venv/bin/python", OLD)
    program(a_clone / ".venv/bin/python", "#!/no/such/python\n")
    make("test")
    assert pip_and_pytest() == [INSTALLED_FOR_TESTS, "-m pytest"] * 2


def test_an_interrupted_set_up_is_done_again(make, pip_and_pytest, a_clone):
    make("test")
    (a_clone / ".venv/ready-to-test").unlink()
    make("test")
    assert pip_and_pytest().count(INSTALLED_FOR_TESTS) == 2
