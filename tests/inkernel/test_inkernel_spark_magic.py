"""`%azureml spark` where there is no Spark, and `%%sql` before it asks Spark for anything."""

from __future__ import annotations

import sys

import pytest
from IPython.core.error import UsageError
from workbench_kernel import magics
from workbench_kernel.spark.sql import SqlMagic


def test_a_kernel_without_spark_says_which_has_one(a_shell):
    cell = a_shell.run("%azureml spark")
    assert isinstance(cell.error, UsageError)
    assert str(cell.error) == (
        "%azureml spark: this kernel has no Spark - choose one whose run configuration says `Framework: PySpark`"
    )


def test_the_command_takes_no_words(a_shell, monkeypatch):
    monkeypatch.setitem(magics.commands, "spark", lambda: sys.stdout.write("4.3.0\n"))
    assert a_shell.run("%azureml spark").stdout == "4.3.0\n"
    assert str(a_shell.run("%azureml spark on").error) == "%azureml spark: expected nothing more, got 'on'"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("%%sql\n ;", "%%sql: expected a statement of SQL, got nothing - for example SELECT 1"),
        ("%%sql a b\nselect 1", "%%sql: expected nothing or a name for the result, got 'a b'"),
    ],
)
def test_what_is_no_statement_is_a_usage_error(a_shell, code, message):
    SqlMagic(a_shell.shell, lambda: pytest.fail("Spark was asked")).register()
    cell = a_shell.run(code)
    assert isinstance(cell.error, UsageError)
    assert str(cell.error) == message
