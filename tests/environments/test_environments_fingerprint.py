"""The name of an environment: what changes it, and what does not."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_workbench.environments import fingerprint as fingerprints
from jupyter_workbench.environments.fingerprint import fingerprint
from jupyter_workbench.environments.spec import EnvironmentSpec, Requirement

NAMES = st.sampled_from(["numpy", "pandas", "scipy", "matplotlib", "requests", "flask", "click"])
PINS = st.sampled_from(["", "==1.0", "==1.1", ">=1,<2", "==1.*"])
PACKAGES = st.dictionaries(NAMES, PINS, min_size=1)
OPTIONS = st.lists(st.sampled_from([f"--extra-index-url https://{name}/simple" for name in "abcd"]), unique=True)


def spec(*texts: str, python: str | None = None) -> EnvironmentSpec:
    return EnvironmentSpec("conda.yml", python, requirements=tuple(map(Requirement, texts, range(1, 100))))


def of(spec: EnvironmentSpec, image: str = "sha256:1", architecture: str = "x86_64") -> str:
    return fingerprint(spec, image, architecture)


def texts(packages: dict[str, str]) -> list[str]:
    return [name + pin for name, pin in packages.items()]


@given(PACKAGES, OPTIONS, st.randoms())
def test_the_order_of_packages_does_not_count(packages, options, random):
    lines = texts(packages)
    shuffled = random.sample(lines, len(lines))
    assert of(spec(*options, *lines)) == of(spec(*shuffled, *options))


@given(PACKAGES, PACKAGES)
def test_other_packages_or_pins_are_another_environment(some, others):
    assert (of(spec(*texts(some))) == of(spec(*texts(others)))) == (some == others)


@given(PACKAGES, OPTIONS, OPTIONS)
def test_other_options_or_their_order_are_another_environment(packages, some, others):
    lines = texts(packages)
    assert (of(spec(*some, *lines)) == of(spec(*others, *lines))) == (some == others)


@given(
    st.lists(
        st.tuples(NAMES, st.sampled_from(["", "  # why", "\n", "\n\n# a comment\n"])), unique_by=lambda row: row[0]
    )
)
def test_comments_and_blank_lines_do_not_count(spec_of_any, rows):
    plain = "".join(f"  - {name}\n" for name, _ in rows)
    noted = "".join(f"  - {name}{remark}\n" for name, remark in rows)
    assert of(spec_of_any(f"dependencies:\n{plain}")) == of(spec_of_any(f"# mine\ndependencies:\n{noted}"))


@pytest.fixture(scope="module")
def spec_of_any(tmp_path_factory):
    """As `spec_of`, for many examples of one test."""
    from jupyter_workbench.config.models import RunConfiguration
    from jupyter_workbench.environments.spec import read_spec

    project = tmp_path_factory.mktemp("iris")
    file = project / "aml_config" / "conda_dependencies.yml"
    file.parent.mkdir()

    def read(text):
        file.write_text(text)
        return read_spec(project, RunConfiguration(name="docker", target="docker", framework="Python"))

    return read


def test_it_is_20_hexadecimal_digits():
    assert re.fullmatch(r"[0-9a-f]{20}", of(spec("numpy")))


def test_it_is_the_same_in_every_version_of_ours():
    assert of(spec("numpy==1.26.*", "--pre", python="3.11")) == "b12694bdc065c7cb8051"


def test_image_architecture_and_python_count():
    numpy = spec("numpy")
    assert (
        len({of(numpy), of(numpy, "sha256:2"), of(numpy, architecture="aarch64"), of(replace(numpy, python="3.11"))})
        == 4
    )


def test_the_file_its_lines_and_its_notes_do_not_count():
    other = EnvironmentSpec("other.yml", None, 7, (Requirement("numpy", 9),), notes=("x",))
    assert of(other) == of(spec("numpy"))


def test_the_password_of_an_address_does_not_count_and_the_address_does():
    first, second = (spec(f"--index-url https://user:{word}@example.com/simple") for word in ("one", "two"))
    assert of(first) == of(second)
    assert of(first) != of(spec("--index-url https://user:one@example.org/simple"))


def test_the_contents_of_local_files_count(tmp_path, spec_of, a_project):
    wheel = a_project / "x-1.0-py3-none-any.whl"
    wheel.write_bytes(b"one")
    text = "dependencies:\n  - pip:\n    - ./x-1.0-py3-none-any.whl\n"
    before = of(spec_of(text))
    assert of(spec_of(text)) == before
    wheel.write_bytes(b"two")
    assert of(spec_of(text)) != before


def test_the_contents_of_local_folders_count_but_not_what_python_and_git_leave_there(spec_of, a_project):
    folder = a_project / "lib"
    folder.mkdir()
    (folder / "setup.py").write_text("")
    text = "dependencies:\n  - pip:\n    - ./lib\n"
    before = of(spec_of(text))
    for junk in (".git", "__pycache__"):
        (folder / junk).mkdir()
        (folder / junk / "x").write_text("x")
    assert of(spec_of(text)) == before
    (folder / "module.py").write_text("")
    assert of(spec_of(text)) != before


def test_a_local_file_is_read_once_as_long_as_it_stays_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(fingerprints, "RECENT_SECONDS", 0)
    read, asked = fingerprints._read, []
    monkeypatch.setattr(fingerprints, "_read", lambda file: asked.append(file) or read(file))
    wheel = tmp_path / "thing-1.0-py3-none-any.whl"
    wheel.write_bytes(b"one")
    with_wheel = replace(spec("numpy"), files=(wheel,))
    assert of(with_wheel) == of(with_wheel)
    assert asked == [wheel]
    wheel.write_bytes(b"other")
    of(with_wheel)
    assert asked == [wheel, wheel]


def test_a_local_file_that_was_just_changed_is_read_again(tmp_path):
    wheel = tmp_path / "thing-1.0-py3-none-any.whl"
    wheel.write_bytes(b"one")
    with_wheel = replace(spec("numpy"), files=(wheel,))
    before = of(with_wheel)
    wheel.write_bytes(b"two")
    assert of(with_wheel) != before
