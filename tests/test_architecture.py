"""Who may import whom: a room knows the rooms below it, and only some know Jupyter."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "jupyter_workbench"

PURE = {"errors", "config", "frameworks"}
BELOW_KERNELS = PURE | {"environments", "targets", "history"}
BELOW_CLI = BELOW_KERNELS | {"kernels"}
JUPYTER = {"jupyter_client", "jupyter_core", "jupyter_events", "jupyter_server", "jupyterlab", "tornado", "traitlets"}

ROOMS: dict[str, tuple[set[str], set[str]]] = {
    # room: (rooms that it may import, packages of others that it may import)
    "errors": (set(), set()),
    "config": ({"errors"}, {"pydantic", "pydantic_core", "tomli", "yaml"}),
    "environments": ({"errors", "config"}, {"pyspark"}),  # `spark_builder.training` runs where that is
    "frameworks": ({"errors", "config"}, set()),
    "targets": (PURE | {"environments"}, {"zmq", "docker", "requests", "urllib3", "uv"}),
    "history": ({"errors"}, {"jupyter_core", "mlflow"}),
    "kernels": (BELOW_KERNELS, JUPYTER | {"ipykernel", "packaging", "zmq"}),
    "screen": (set(), {"jupyter_core"}),
    "labextension": (set(), {"babel", "hatchling"}),  # its catalogues, its build hook
    "server": (BELOW_CLI | {"screen", "writing"}, JUPYTER | {"psutil"}),
    "templates": ({"errors"}, set()),
    "writing": ({"errors", "config", "templates"}, set()),
    "upgrade": ({"errors", "config", "environments"}, {"yaml"}),
    "doctor": (BELOW_CLI | {"screen"}, JUPYTER | {"packaging"}),
    "cli": (
        BELOW_CLI | {"templates", "upgrade", "doctor", "writing"},
        {"click", "jmespath", "jupyter_client", "jupyterlab"},
    ),
    "__init__": ({"server"}, JUPYTER),
}
"""`inkernel` is not among them: it is shipped into kernels, which have nothing of ours."""


def modules(room: str) -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if room_of(path) == room)


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the dotted names that a module imports, those inside functions and `if TYPE_CHECKING` too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield "." * node.level + (node.module or "")
        elif isinstance(node, ast.ImportFrom):
            # `from jupyter_workbench import upgrade` imports a room, `from jupyter_workbench.upgrade import x` too.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms_and_packages(tree: ast.AST) -> tuple[set[str], set[str]]:
    """Return the rooms of ours and the packages of others that a module imports."""
    names = [name.split(".") for name in imported(tree) if not name.startswith(".")]
    ours = {name[1] for name in names if name[0] == "jupyter_workbench" and len(name) > 1}
    others = {name[0] for name in names} - {"jupyter_workbench", "__future__"} - sys.stdlib_module_names
    return ours, others


def test_every_kind_of_import_is_seen():
    tree = ast.parse(
        "import jupyter_workbench.cli.output, os\n"
        "from jupyter_workbench import upgrade\n"
        "from jupyter_workbench.config.yaml import parse\n"
        "def later():\n    from tornado.web import RequestHandler\n"
        "from . import here\n"
    )
    assert rooms_and_packages(tree) == ({"cli", "upgrade", "config"}, {"tornado"})


def test_every_room_has_its_rule():
    assert {room_of(path) for path in PACKAGE.rglob("*.py")} <= ROOMS.keys() | {"inkernel"}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_it_may(room):
    rooms, packages = ROOMS[room]
    for path in modules(room):
        ours, others = rooms_and_packages(ast.parse(path.read_text("utf-8")))
        assert ours - rooms - {room} == set(), f"{path}: {room} may not import these rooms"
        assert others - packages == set(), f"{path}: {room} may not import these packages"


def test_no_room_imports_one_that_may_import_it():
    for room, (rooms, _) in ROOMS.items():
        for below in rooms:
            assert room not in ROOMS[below][0], f"{room} and {below} may import each other"


def test_what_is_shipped_into_builders_needs_nothing_of_ours():
    shipped = [PACKAGE / "environments" / "builder.py", *(PACKAGE / "environments" / "spark_builder").glob("*.py")]
    for path in shipped:
        ours, others = rooms_and_packages(ast.parse(path.read_text("utf-8")))
        assert ours == set(), path
        assert others <= ({"pyspark"} if path.name == "training.py" else set()), path


def test_what_is_shipped_into_kernels_needs_ipython_only_and_pyspark_for_spark():
    for path in modules("inkernel"):
        ours, others = rooms_and_packages(ast.parse(path.read_text("utf-8")))
        spark = {"pyspark", "py4j"} if path.parent.name == "spark" else set()
        assert ours == set(), path
        assert others <= {"IPython", "ipykernel", "workbench_kernel"} | spark, path


def test_the_history_looks_for_jupyters_folders_only_when_it_needs_them():
    for path in modules("history"):
        tree = ast.parse(path.read_text("utf-8"))
        at_once = ast.Module([node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)], [])
        assert rooms_and_packages(at_once)[1] == set(), path
