from __future__ import annotations

import pytest

from jupyter_workbench.upgrade import propose

LOCAL = {"aml_config/local.compute": "type: local\n"}
DOCKER = {"aml_config/docker.compute": "type: localdocker\n"}


def only_change(directory):
    (change,) = propose(directory)
    return change


def test_a_missing_framework_is_python_on_a_local_target(a_project):
    text = '# Mine\nArgumentVector:\n  - "$file"\nTarget: local  # this machine\nPrepareEnvironment: true\n'
    change = only_change(a_project({**LOCAL, "aml_config/local.runconfig": text}))
    assert (
        change.diff()
        == """\
--- a/aml_config/local.runconfig
+++ b/aml_config/local.runconfig
@@ -2,4 +2,5 @@
 ArgumentVector:
   - "$file"
 Target: local  # this machine
+Framework: Python
 PrepareEnvironment: true
"""
    )
    assert change.reasons == (
        "aml_config/local.runconfig:2: Framework: Python is added: "
        "that is what a missing Framework means on a local target",
    )


def test_a_missing_framework_is_pyspark_on_any_other_target(a_project):
    change = only_change(a_project({**DOCKER, "aml_config/x.runconfig": "Target: docker"}))
    assert change.after == "Target: docker\nFramework: PySpark"
    assert change.reasons == (
        "aml_config/x.runconfig:1: Framework: PySpark is added: "
        "that is what a missing Framework means on a docker target",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '\r\n{\r\n  "Target": "local",\r\n  "TrackedRun": true\r\n}',
            '\r\n{\r\n  "Target": "local",\r\n  "Framework": "Python",\r\n  "TrackedRun": true\r\n}',
        ),
        (
            '{"SparkDependenciesFile": null, "Target": "local"}\n',
            '{"SparkDependenciesFile": null, "Target": "local", "Framework": "Python"}\n',
        ),
        ('{\n\t"Target":\t"local",\n\t"Framework": null\n}', '{\n\t"Target": "local",\n\t"Framework": "Python"\n}'),
    ],
)
def test_json_stays_json(a_project, before, after):
    assert only_change(a_project({**LOCAL, "aml_config/x.runconfig": before})).after == after


def test_an_empty_framework_is_filled_in(a_project):
    change = only_change(a_project({**LOCAL, "aml_config/x.runconfig": "Target: local\nFramework:\n"}))
    assert change.after == "Target: local\nFramework: Python\n"


def test_environment_variables_are_not_shown(a_project):
    text = 'Target: local\nEnvironmentVariables:\n  ACCOUNT: "me"\n  LONG: >\n    one\n    two\n'
    change = only_change(a_project({**LOCAL, "aml_config/x.runconfig": text}))
    assert (
        change.diff()
        == """\
--- a/aml_config/x.runconfig
+++ b/aml_config/x.runconfig
@@ -1,4 +1,5 @@
 Target: local
+Framework: Python
 EnvironmentVariables:
   ACCOUNT: ***
   LONG: ***
"""
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Target: local\nFramework: PySpark\n", id="an explicit framework"),
        pytest.param('Target: local\nPrepareEnvironment: true. "Framework":"PySpark"\n', id="a swallowed framework"),
        pytest.param("Target: elsewhere\n", id="a target without a compute file"),
        pytest.param("Target: odd\n", id="a target without a type"),
        pytest.param("script: train.py\ntarget:\tlocal\nTarget: local\n", id="Azure ML SDK v1"),
        pytest.param("", id="an empty file"),
    ],
)
def test_what_works_today_or_is_not_known_stays(a_project, text):
    files = {**LOCAL, "aml_config/odd.compute": "address: 192.0.2.1\n", "aml_config/x.runconfig": text}
    assert propose(a_project(files)) == ()
