"""What a Python prints of its packages is read whatever it is: it may be that of a container."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version

import pytest

from jupyter_workbench.targets.packages import PROGRAM, as_packages, read_listing


def test_an_interpreter_lists_its_packages_sorted_and_each_once():
    printed = subprocess.run([sys.executable, "-I", "-c", PROGRAM], capture_output=True, check=True).stdout
    packages = read_listing(printed).packages
    assert f"pytest=={version('pytest')}" in packages
    names = [line.partition("==")[0] for line in packages]
    assert names == sorted(set(names))


@pytest.mark.parametrize(
    "printed",
    [b"", b"[]", b"nothing", b"\xff", b'{"packages": {}}', b'{"packages": ["a==1"]}', b"[" * 100_000, b"NaN"],
)
def test_what_is_no_list_of_packages_is_refused(printed):
    with pytest.raises(ValueError, match=r"."):
        read_listing(printed)


def test_more_packages_than_anybody_has_are_refused():
    with pytest.raises(ValueError, match="too long"):
        read_listing(json.dumps({"packages": ["a==1"] * 20_001, "folders": []}).encode())


def test_lines_that_are_no_package_are_left_out():
    strange = ["b==2", "A==1", 7, None, "nothing", "x==1\nroot==2", "x==\x1b[0m", "y==" + "9" * 600]
    printed = json.dumps({"packages": strange, "folders": ["/a", 1]}).encode()
    assert read_listing(printed) == (("a==1", "b==2"), ("/a",))


def test_a_name_is_written_in_one_way_and_the_package_that_is_found_first_counts():
    listed = ["Prompt_Toolkit==3.1", "prompt-toolkit==3.0", "ruamel.yaml==0.18", "zope..interface==7"]
    printed = json.dumps({"packages": listed, "folders": []}).encode()
    assert read_listing(printed).packages == ("prompt-toolkit==3.1", "ruamel-yaml==0.18", "zope-interface==7")


@pytest.mark.parametrize(
    ("pairs", "packages"),
    [((), ()), ([["b", "2"], ["A_x", "1"]], ("a-x==1", "b==2")), (None, ()), ([["a"], ["b", "2"]], ("b==2",))],
)
def test_the_packages_of_an_environment_are_told_as_those_of_an_interpreter(pairs, packages):
    assert as_packages(pairs) == packages
