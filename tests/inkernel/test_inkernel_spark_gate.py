"""Which cells wait for Spark: those that name it, before they give the name to something else."""

from __future__ import annotations

import ast

import pytest
from workbench_kernel.spark.gate import WAIT, Gate, names_of


def used(code):
    return names_of(ast.parse(code))


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("1 + 1", set()),
        ("spark.range(5)", {"spark"}),
        ("def rows():\n    return sc.parallelize([1])", {"sc"}),
        ("sqlContext.sql('select 1'); sql('select 2')", {"sqlContext", "sql"}),
        ("SparkSession.builder.getOrCreate()", {"SparkSession"}),
        ("from pyspark.sql import SparkSession", {"SparkSession"}),
        ("import pyspark\npyspark.SparkContext()", {"SparkContext"}),
        ("model.spark", set()),
        ("text = 'spark'", set()),
        ("sql = 'select 1'\nprint(sql)", set()),
        ("print(sql)\nsql = 'select 1'", {"sql"}),
        ("spark = 1 if spark else 2", {"spark"}),
        ("def f():\n    sql = 1\nsql('select 1')", {"sql"}),
        ("class A:\n    sql = 1\nsql('select 1')", {"sql"}),
        ("ones = [1 for sql in 'ab']\nsql('select 1')", {"sql"}),
        ("def sql(text):\n    return text\nsql('select 1')", set()),
        ("import sqlglot as sql\nsql.parse('select 1')", set()),
        ("with open('a') as sql:\n    pass\nprint(sql)", set()),
        ("if True:\n    for sc in range(3):\n        pass\nprint(sc)", set()),
    ],
)
def test_the_names_of_spark_that_a_cell_uses(code, names):
    assert used(code) == names


def test_a_cell_that_is_timed_is_looked_into():
    assert used("get_ipython().run_cell_magic('time', '', 'spark.range(5).count()')") == {"spark"}
    assert used("get_ipython().run_line_magic('timeit', 'sc.parallelize([1])')") == {"sc"}


@pytest.mark.parametrize(
    "code",
    [
        "get_ipython().run_line_magic('pip', 'install spark-nlp')",
        "get_ipython().run_cell_magic('writefile', 'job.py', 'spark.range(5)')",
        "get_ipython().run_cell_magic('bash', '', 'echo spark')",
        "get_ipython().run_line_magic(name, 'spark')",
    ],
)
def test_what_is_given_to_a_magic_that_runs_no_python_does_not_wait(code):
    assert used(code) == set()


def test_a_cell_that_may_run_is_left_as_it_is():
    tree = ast.parse("spark.range(5)")
    assert ast.dump(Gate(lambda names: True).visit(tree)) == ast.dump(ast.parse("spark.range(5)"))


def test_a_cell_without_spark_is_never_asked_about():
    def ask(names):
        raise AssertionError(names)

    assert len(Gate(ask).visit(ast.parse("1 + 1")).body) == 1


def test_a_cell_that_has_to_wait_waits_first_but_for_imports_from_the_future():
    tree = Gate(lambda names: False).visit(ast.parse("from __future__ import annotations\nspark.range(5)"))
    assert ast.unparse(tree) == f"from __future__ import annotations\n{WAIT}()\nspark.range(5)"
    compile(ast.fix_missing_locations(tree), "cell", "exec")
