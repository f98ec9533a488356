"""The `pip:` list -> lines for uv."""

from __future__ import annotations

import pytest

FILE = "aml_config/conda_dependencies.yml"


@pytest.mark.parametrize(
    "line",
    [
        "requests",
        "requests[security]>=2.0 ; python_version >= '3.8'",
        "https://example.com/x-1.0-py3-none-any.whl",
        "git+https://example.com/x.git@main",
        "x @ https://example.com/x-1.0-py3-none-any.whl",
        "requests==2.0 --hash=sha256:abc",
        "--index-url https://example.com/simple",
        "--extra-index-url https://user:secret@example.com/simple",
        "--find-links https://example.com/wheels",
        "--no-index",
        "--pre",
        "--no-binary numpy",
        "--trusted-host example.com",
        "azure-ml-api-sdk==0.1.0a11#0.1.0a9",
    ],
)
def test_a_line_goes_to_uv_as_it_is(lines_of, line):
    assert lines_of(pip=[line]) == [line]


@pytest.mark.parametrize(
    ("line", "becomes"),
    [
        ("requests  # for the service", ["requests"]),
        ("# nothing", []),
        ("-i https://example.com/simple", ["--index-url https://example.com/simple"]),
        ("-ihttps://example.com/simple", ["--index-url https://example.com/simple"]),
        ("--index-url=https://example.com/s?a=b", ["--index-url https://example.com/s?a=b"]),
        ("--index-url https://a/ --pre", ["--index-url https://a/", "--pre"]),
        ("--prefer-binary", []),
    ],
)
def test_what_pip_reads_and_uv_does_not_is_written_as_uv_reads_it(lines_of, line, becomes):
    assert lines_of(pip=[line]) == becomes


def test_a_local_wheel_is_named_by_its_place_in_the_builder(a_project, spec_of):
    wheel = a_project / "wheels" / "mine-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    wheel.write_bytes(b"wheel")
    spec = spec_of("dependencies:\n  - pip:\n    - ./wheels/mine-1.0-py3-none-any.whl[all] ; python_version > '3'\n")
    assert spec.files == (wheel,)
    assert spec.requirements[-1].text == (
        "file:///jupyter-workbench-files/0/mine-1.0-py3-none-any.whl[all] ; python_version > '3'"
    )


def test_local_files_are_found_in_every_way_of_writing_them(a_project, spec_of):
    inside, outside = a_project / "my lib", a_project.parent / "other-1.0.tar.gz"
    inside.mkdir()
    outside.write_bytes(b"archive")
    spec = spec_of(
        f"""
        dependencies:
          - pip:
            - ../other-1.0.tar.gz
            - {outside}
            - "other @ ../other-1.0.tar.gz"
            - {outside.as_uri()}
            - "--find-links './my lib'"
            - ./my lib
        """
    )
    assert spec.files == (outside, inside)
    archive, folder = "file:///jupyter-workbench-files/0/other-1.0.tar.gz", "file:///jupyter-workbench-files/1/my%20lib"
    assert [requirement.text for requirement in spec.requirements[1:]] == [
        *(archive, archive, f"other @ {archive}", archive),
        f"--find-links {folder}",
        folder,
    ]


def test_a_requirements_file_is_read_with_the_files_that_it_names(a_project, lines_of):
    (a_project / "deploy").mkdir()
    (a_project / "deploy" / "base.txt").write_text("pandas\n")
    (a_project / "deploy" / "own.whl").write_bytes(b"")
    (a_project / "requirements.txt").write_text("-r deploy/base.txt\nrequests \\\n  >=2\n\n# a comment\n")
    assert lines_of(pip=["-r requirements.txt"]) == ["pandas", "requests    >=2"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "C:\\temp\\x.whl",
            "expected a file or folder that is on this machine, got `C:\\temp\\x.whl` - "
            "it is not there: correct the path, which is relative to the project folder",
        ),
        (
            "-r other.txt",
            "expected a requirements file that is on this machine, got `-r other.txt` - "
            "it is not there: correct the path, which is relative to the project folder",
        ),
        (
            "-r circle.txt",
            "expected requirements files that end, got `-r circle.txt` - remove the `-r` that leads in a circle",
        ),
        (
            "-e .",
            "expected a package that is copied into the environment, got `-e .` - "
            "write its path alone, without `-e`: it is installed as it is",
        ),
        (
            "--user",
            "expected an option that a list of requirements may have, got `--user` - remove it",
        ),
        ("--index-url", "expected a value behind `--index-url`, got `--index-url` - write it on the same line"),
        (
            "--foo https://user:secret@example.com?sig=secret",
            "expected an option that a list of requirements may have, "
            "got `--foo https://***@example.com?***` - remove it",
        ),
        (
            "ipykernel==4.6.1",
            "expected ipykernel 5.5 or newer, which kernels need, got `ipykernel==4.6.1` - "
            "write `ipykernel`, or remove the line, as it is always installed; "
            "`workbench project upgrade` proposes a change of the whole file",
        ),
    ],
)
def test_a_line_that_cannot_be_followed_is_refused_with_what_to_do(a_project, refusal_of, line, message):
    (a_project / "circle.txt").write_text("-r circle.txt\n")
    assert refusal_of(pip=[line]) == f"{FILE}:3: {message}"
