"""What uv says when it fails, and what the user reads: uv's words are those of a real uv 0.13."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from jupyter_workbench.environments.failures import explain
from jupyter_workbench.environments.spec import EnvironmentSpec, Requirement

FILE = "aml_config/conda_dependencies.yml"
UPGRADE = "`workbench project upgrade` proposes a change of the whole file"
OF_A_BUILD = (
    "take a version that has a wheel for this Python, or name an image with what the build needs as `baseDockerImage`"
)


def told(*requirements: str, words: str, kind: str = "uv", python: str | None = None, files: tuple[Path, ...] = ()):
    """Explain words about requirements that stand from line 5 on."""
    lines = tuple(Requirement(text, number) for number, text in enumerate(requirements, 5))
    spec = EnvironmentSpec(FILE, python, 3 if python else None, lines, files)
    failure = explain(spec, kind, dedent(words).lstrip("\n"))
    return failure.kind, failure.message


def test_a_package_that_does_not_exist():
    assert told(
        "pandas",
        "no-such-package==1.0",
        words="""
        error: No solution found when resolving dependencies
          cause: Because no-such-package was not found in the package registry and you require no-such-package==1.0, we can conclude that your requirements are unsatisfiable.
        """,  # noqa: E501
    ) == (
        "requirements",
        f"{FILE}:6: expected a package that the index has, got `no-such-package` - "
        "correct the name, or name the index that has it with `--extra-index-url`\n"
        "Because no-such-package was not found in the package registry and you require no-such-package==1.0, "
        "we can conclude that your requirements are unsatisfiable.",
    )


def test_a_version_that_does_not_exist():
    assert told(
        "numpy==99.1",
        words="""
        error: No solution found when resolving dependencies
          cause: Because there is no version of numpy==99.1 and you require numpy==99.1, we can conclude that your requirements are unsatisfiable.
        """,  # noqa: E501
    ) == (
        "requirements",
        f"{FILE}:5: expected a version that the index has, got `numpy==99.1` - correct the version\n"
        "Because there is no version of numpy==99.1 and you require numpy==99.1, "
        "we can conclude that your requirements are unsatisfiable.",
    )


def test_versions_that_conflict():
    assert told(
        "requests",
        "pandas==2.2.0",
        "numpy<1.20",
        words="""
        error: No solution found when resolving dependencies
          cause: Because pandas==2.2.0 depends on numpy{python_full_version < '3.12'}>=1.23.2,<2 and you require pandas==2.2.0, we can conclude that you require numpy>=1.23.2,<2.
                 And because you require numpy<1.20, we can conclude that your requirements are unsatisfiable.
        """,  # noqa: E501
    ) == (
        "requirements",
        f"{FILE}:6: expected versions that fit together, got those of the lines 6 and 7 - loosen one of them\n"
        "Because pandas==2.2.0 depends on numpy{python_full_version < '3.12'}>=1.23.2,<2 "
        "and you require pandas==2.2.0, "
        "we can conclude that you require numpy>=1.23.2,<2. "
        "And because you require numpy<1.20, we can conclude that your requirements are unsatisfiable.",
    )


def test_a_version_for_other_pythons():
    assert told(
        "tensorflow==1.15",
        words="""
        error: No solution found when resolving dependencies
          cause: Because tensorflow==1.15.0 has no wheels with a matching Python ABI tag (e.g., `cp311`) and you require tensorflow==1.15, we can conclude that your requirements are unsatisfiable.

        hint: You require CPython 3.11 (`cp311`), but we only found wheels for `tensorflow` (v1.15.0) with the following Python ABI tags: `cp27m`, `cp37m`
        """,  # noqa: E501
    ) == (
        "requirements",
        f"{FILE}:5: expected a version for this Python, got `tensorflow==1.15` - ask for another version; {UPGRADE}\n"
        "Because tensorflow==1.15.0 has no wheels with a matching Python ABI tag (e.g., `cp311`) and you require "
        "tensorflow==1.15, we can conclude that your requirements are unsatisfiable.\n"
        "hint: You require CPython 3.11 (`cp311`), but we only found wheels for `tensorflow` (v1.15.0) "
        "with the following Python ABI tags: `cp27m`, `cp37m`",
    )


def test_a_package_that_fails_to_build():
    assert told(
        "broken",
        words="""
        error: Failed to build `broken==1.0`
          cause: The build backend returned an error
          cause: Call to `setuptools.build_meta.get_requires_for_build_wheel` failed (exit status: 1)

                 [stderr]
                 libfoo.h is missing: install libfoo-dev

        hint: Build failures usually indicate a problem with the package or the build environment
        """,
    ) == (
        "build",
        f"{FILE}:5: expected a package that can be installed, got `broken==1.0`, whose build failed - {OF_A_BUILD}\n"
        "libfoo.h is missing: install libfoo-dev",
    )


def test_of_a_traceback_its_exception_is_shown():
    assert told(
        "broken",
        words="""
        error: Failed to build `broken==1.0`
          cause: The build backend returned an error
          cause: Call to `setuptools.build_meta:__legacy__.get_requires_for_build_wheel` failed (exit status: 1)

                 [stderr]
                 Traceback (most recent call last):
                   File "<string>", line 14, in <module>
                   File "/jupyter-workbench/cache/builds-v0/.tmpGwWQSC/setuptools/build_meta.py", line 333, in get
                     return self._get_build_requires(config_settings, requirements=[])
                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
                 packaging.version.InvalidVersion: Invalid version: '3.36.1.5_1'

        hint: Build failures usually indicate a problem with the package or the build environment
        """,
    ) == (
        "build",
        f"{FILE}:5: expected a package that can be installed, got `broken==1.0`, whose build failed - {OF_A_BUILD}\n"
        "packaging.version.InvalidVersion: Invalid version: '3.36.1.5_1'",
    )


def test_a_file_of_the_users_that_fails_to_build_is_named_as_the_user_knows_it():
    assert told(
        "pandas",
        "file:///jupyter-workbench-files/0/broken-1.0.tar.gz",
        files=(Path("/home/me/iris/broken-1.0.tar.gz"),),
        words="""
        error: Failed to build `broken @ file:///jupyter-workbench-files/0/broken-1.0.tar.gz`
          cause: The build backend returned an error
          cause: Call to `setuptools.build_meta.build_wheel` failed (exit status: 1)

                 [stderr]
                 no
        """,
    ) == (
        "build",
        f"{FILE}:6: expected a package that can be installed, got `broken @ /home/me/iris/broken-1.0.tar.gz`, "
        f"whose build failed - {OF_A_BUILD}\nno",
    )


def test_text_that_is_no_requirement():
    assert told(
        "pandas",
        "azure-ml-api-sdk==0.1.0a11#0.1.0a9",
        words="""
        error: Couldn't parse requirement in `/tmp/workbench-builder-agsw5vpw/requirements.txt` at position 10
          cause: after parsing `0.1.0a11`, found `#0.1.0a9`, which is not part of a valid version
                 azure-ml-api-sdk==0.1.0a11#0.1.0a9
                                 ^^^^^^^^^^^^^^^^^^
        """,
    ) == (
        "requirements",
        f"{FILE}:6: expected a requirement such as `numpy>=1.26`, got another text - correct it\n"
        "after parsing `0.1.0a11`, found `#0.1.0a9`, which is not part of a valid version "
        "azure-ml-api-sdk==0.1.0a11#0.1.0a9",
    )


def test_an_index_that_does_not_answer():
    assert told(
        "--index-url http://user:secret@127.0.0.1:9/simple",
        "pandas",
        words="""
        error: Request failed after 2 retries in 2.9s
          cause: Failed to fetch: http://127.0.0.1:9/simple/ipykernel/
          cause: error sending request for url (http://127.0.0.1:9/simple/ipykernel/)
          cause: client error (Connect)
          cause: tcp connect error
          cause: Connection refused (os error 111)
        """,
    ) == (
        "network",
        f"{FILE}:5: expected 127.0.0.1:9 to answer, got: Connection refused (os error 111) - "
        "check the network, the proxy and the index settings",
    )


def test_an_index_whose_certificate_nobody_here_knows():
    assert told(
        "pandas",
        words="""
        error: Request failed after 2 retries in 2.9s
          cause: Failed to fetch: https://pypi.org/simple/ipykernel/
          cause: error sending request for url (https://pypi.org/simple/ipykernel/)
          cause: client error (Connect)
          cause: invalid peer certificate: UnknownIssuer
        """,
    ) == (
        "network",
        f"{FILE}: expected pypi.org to answer, got: invalid peer certificate: UnknownIssuer - "
        "check the network, the proxy and the index settings",
    )


def test_an_index_that_lets_nobody_in():
    assert told(
        "--index-url https://user:secret@example.com/simple",
        words="""
        error: Failed to fetch: https://example.com/simple/pandas/
          cause: HTTP status client error (401 Unauthorized) for url (https://example.com/simple/pandas/)
        """,
    ) == (
        "network",
        f"{FILE}:5: expected example.com to let us in, got 401 Unauthorized - "
        "correct the user and password of the address",
    )


def test_an_address_that_leads_nowhere():
    address = "https://example.com/x-1.0-py3-none-any.whl"
    assert told(
        f"{address}?sig=secret",
        words=f"""
        error: Failed to download `x @ {address}?sig=secret`
          cause: Failed to fetch: {address}?sig=secret
          cause: HTTP status client error (404 Not Found) for url ({address}?sig=secret)
        """,
    ) == (
        "requirements",
        f"{FILE}:5: expected a file at {address}?***, got 404 Not Found - correct the address",
    )


def test_an_image_without_git():
    assert told(
        "git+https://example.com/x/y",
        words="""
        error: Git operation failed
          cause: Git executable not found. Ensure that Git is installed and available.
        """,
    ) == (
        "requirements",
        f"{FILE}: expected Git in the image, got none - name an image that has it as `baseDockerImage`\n"
        "Git executable not found. Ensure that Git is installed and available.",
    )


def test_a_python_that_cannot_be_downloaded():
    assert told(
        python="3.10",
        kind="python",
        words="""
        error: Request failed after 2 retries in 3.0s
          cause: Failed to download `https://github.com/astral-sh/python-build-standalone/releases/download/x.tar.gz`
          cause: client error (Connect)
          cause: dns error
          cause: error resolving DNS
          cause: failed to lookup address information: Name or service not known
        """,
    ) == (
        "python",
        f"{FILE}:3: expected the image's own Python or one that can be had, got 3.10, which cannot be downloaded now - "
        "remove the line to take the image's, or name an image that has it as `baseDockerImage`\n"
        "failed to lookup address information: Name or service not known",
    )


def test_a_python_that_nobody_serves():
    assert told(
        python="3.9.99",
        kind="python",
        words="error: No interpreter found for Python 3.9.99 in search path or managed installations\n",
    ) == (
        "python",
        f"{FILE}:3: expected the image's own Python or one that can be had, got 3.9.99, which nobody serves - "
        "remove the line to take the image's, or name an image that has it as `baseDockerImage`\n"
        "No interpreter found for Python 3.9.99 in search path or managed installations",
    )


def test_a_full_disk():
    assert told(
        "large",
        words="""
        error: Failed to install: large-1.0-py3-none-any.whl (large==1.0)
          cause: failed to copy file from /jupyter-workbench/cache/x to /jupyter-workbench/environments/one/x
          cause: No space left on device (os error 28)
        """,
    ) == (
        "disk",
        f"{FILE}: expected room on the disk of the engine, got none - free some of it: `workbench environment prune`\n"
        "No space left on device (os error 28)",
    )


def test_a_disk_that_can_only_be_read():
    assert told(words="[Errno 30] Read-only file system: '/jupyter-workbench/environments'", kind="disk") == (
        "disk",
        f"{FILE}: expected a disk of the engine that can be written, got a read-only one - mend the engine's storage\n"
        "[Errno 30] Read-only file system: '/jupyter-workbench/environments'",
    )


def test_a_kernel_that_cannot_be_imported():
    assert told(
        "pandas",
        "ipykernel==6.0",
        kind="import",
        words="""
        Traceback (most recent call last):
          File "<string>", line 4, in <module>
        ModuleNotFoundError: No module named 'zmq'
        """,
    ) == (
        "import",
        f"{FILE}:6: expected packages with which a kernel starts, got an error when ipykernel was imported - "
        "loosen the pins\nModuleNotFoundError: No module named 'zmq'",
    )


@pytest.mark.parametrize("words", ["", "something new\n", "error: something new\n"])
def test_words_that_are_not_understood_are_shown(words):
    assert told(words=words) == ("uv", f"{FILE}: the packages cannot be installed. uv says:\n{words.strip()}")


def test_what_we_added_has_no_line():
    lines = (Requirement("ipykernel>=5.5", 0),)
    words = (
        "error: No solution found when resolving dependencies\n  cause: Because ipykernel was not found in the registry"
    )
    assert explain(EnvironmentSpec(FILE, requirements=lines), "uv", words).message.startswith(f"{FILE}: expected")
