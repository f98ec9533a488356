"""Images that users log become outputs of the run, and the value says where they are."""

from __future__ import annotations

import base64
import os
from unittest.mock import Mock

import pytest
from workbench_kernel import images

PNG = b"\x89PNG\r\n\x1a\n" + b"content"
LOGGER = "from azureml.logging import get_azureml_logger\nlogger = get_azureml_logger()\n%azureml history on\n"


class Shown:
    """Shows itself in a notebook."""

    def __init__(self, shown):
        self._shown = shown

    def _repr_png_(self):
        return self._shown

    def __repr__(self):
        return "Shown()"


class Figure:
    """As matplotlib's."""

    def savefig(self, file, format):  # noqa: A002 - its name there
        assert format == "png"
        file.write(PNG)


class Axes:
    def get_figure(self):
        return Figure()


class Broken:
    def savefig(self, *_arguments, **_named):
        raise RuntimeError("no canvas")

    def __repr__(self):
        return "Broken()"


@pytest.fixture
def log(a_shell):
    """Logs values in a cell; the records of it."""

    def log(*pairs, **named):
        a_shell.shell.user_ns.update(pairs=pairs, named=named)
        cell = a_shell.run(LOGGER + "for name, value in pairs: logger.log(name, value, **named)")
        assert (cell.stderr, cell.error) == ("", None)
        return a_shell.records("output", "log")

    return log


@pytest.mark.parametrize(
    "value",
    [Figure(), Axes(), Shown(PNG), Shown((PNG, {"width": 1})), Shown(base64.b64encode(PNG).decode())],
    ids=["figure", "axes", "bytes", "with metadata", "base64"],
)
def test_an_image_is_an_output_and_the_value_names_it(a_shell, log, value):
    output, record = log(("confusion matrix", value), step=3)
    assert (output["path"], record["name"]) == ("images/confusion matrix.png", "confusion matrix")
    assert (record["value"], record["kind"], record["step"]) == ("images/confusion matrix.png", "image", 3)
    assert (a_shell.spool / "blobs" / output["sha256"]).read_bytes() == PNG


@pytest.mark.parametrize("value", [Shown(None), Shown(b"no png"), Shown("%%%"), Broken()], ids=str)
def test_what_cannot_be_drawn_is_kept_as_what_it_says_of_itself(log, value):
    (record,) = log(("a", value))
    assert record["value"] == repr(value)
    assert "kind" not in record


def test_an_object_that_answers_everything_is_no_image():
    assert images.png(Mock()) is None


def test_figures_of_matplotlib_and_images_of_pil_are_drawn(log, a_shell):
    figure = pytest.importorskip("matplotlib.figure").Figure()
    pil = pytest.importorskip("PIL.Image")
    figure.subplots().plot([1, 2, 3])
    pairs = [("roc", figure), ("axes", figure.axes[0])]
    pairs += [(mode, pil.new(mode, (4, 4))) for mode in ("RGB", "L", "1", "P", "F", "CMYK", "RGBA")]
    records = log(*pairs)
    assert [record.get("kind") for record in records if record["e"] == "log"] == ["image"] * len(pairs)
    contents = [(a_shell.spool / "blobs" / r["sha256"]).read_bytes() for r in records if r["e"] == "output"]
    assert all(content.startswith(PNG[:8]) for content in contents)


def test_a_name_that_is_logged_again_has_a_number(log):
    pairs = [(name, Figure()) for name in ("a", "a", "a-2", "A", "a", "b")]
    paths = [record["path"] for record in log(*pairs) if record["e"] == "output"]
    assert paths == [f"images/{name}.png" for name in ("a", "a-2", "a-2-2", "A-3", "a-4", "b")]


def test_every_run_counts_for_itself(a_shell, log):
    log(("a", Figure()))
    a_shell.run("logger.log(*pairs[0])")
    assert [output["path"] for output in a_shell.records("output")] == ["images/a.png"] * 2


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("größe \U0001f600", "images/größe \U0001f600.png"),
        ("plots/a:b\\c", "images/plots_a_b_c.png"),
        ("../../etc/passwd", "images/_.._etc_passwd.png"),
        ("a\nb\x00\u202e", "images/a_b__.png"),
        ("", "images/image.png"),
        ("...", "images/image.png"),
        ("\ud800", "images/_.png"),
        ("ä" * 300, f"images/{'ä' * 75}.png"),
    ],
)
def test_any_name_makes_a_path_that_every_system_can_have(log, name, path):
    output, record = log((name, Figure()))
    assert (output["path"], record["name"]) == (path, name)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
def test_a_forked_child_takes_no_path_of_another_process(a_shell, log):
    log(("a", Figure()))
    a_shell.shell.user_ns["pids"] = pids = []
    a_shell.run("import os\nlogger.log(*pairs[0])\npids.append(os.fork())\nlogger.log(*pairs[0])")
    if pids[0] == 0:
        os._exit(0)
    os.waitpid(pids[0], 0)
    paths = sorted(output["path"] for output in a_shell.records("output"))
    assert paths == sorted(["images/a.png", "images/a.png", "images/a-2.png", f"images/a-p{pids[0]}.png"])


def test_an_image_that_finds_no_room_is_told_and_the_cell_goes_on(a_shell, monkeypatch):
    a_shell.shell.user_ns["figure"] = Figure()
    full = OSError(28, "No space left on device")
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(full))
    cell = a_shell.run(LOGGER + "logger.log('a', figure)\nlogger.log('b', 1)\nprint('alive')")
    assert cell.stdout.endswith("alive\n")
    assert cell.stderr.startswith("Run history: records cannot be written (No space left on device)")
    assert a_shell.values() == [("b", 1)]
