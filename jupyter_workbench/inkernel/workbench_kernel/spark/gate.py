"""Lets a cell that names Spark wait until there is one: a call in front of the cell, put there by an AST transformer.

Not in a ``pre_run_cell`` callback: IPython swallows what that raises and runs the cell all the same. A cell that does
not name Spark is left as it is, and so is every cell while Spark is there.
"""

from __future__ import annotations

import ast
import re
from typing import Callable, Iterator, List, Set

from .names import NAMES

WAIT = "__workbench_spark__"
MAKERS = {"SparkSession", "SparkContext", "SQLContext", "HiveContext", "SparkConf", "StreamingContext"}
"""Whoever names these would make a session of his own, and meets that of the kernel."""

_WORDS = re.compile(r"\b(?:{})\b".format("|".join([*NAMES, *sorted(MAKERS)])))
_MAGIC = {"run_cell_magic", "run_line_magic"}
_OF_PYTHON = {"capture", "lprun", "memit", "mprun", "prun", "time", "timeit"}
"""Magics that run the Python they are given. Others install packages, or write files; `%%sql` waits by itself."""

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Gate:
    """The transformer; IPython calls ``visit`` with the tree of each cell."""

    def __init__(self, open_for: Callable[[Set[str]], bool]) -> None:
        """``open_for``: whether a cell that uses these names may run at once."""
        self._open_for = open_for

    def visit(self, tree: ast.Module) -> ast.Module:
        """Return the tree, with a call in front of it where it has to wait."""
        used = names_of(tree)
        if used and not self._open_for(used):
            position = sum(1 for node in tree.body if _is_future(node))
            tree.body.insert(position, _call())
        return tree


def names_of(tree: ast.Module) -> Set[str]:
    """Return the names of Spark that a cell uses before it binds them itself."""
    used: Set[str] = set()
    bound: Set[str] = set()
    for statement in tree.body:
        used |= set(_used(statement)) - bound
        bound |= set(_bound(statement))
    return used


def _used(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in _KNOWN:
            yield node.id
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (alias.name for alias in node.names if alias.name in MAKERS)
        elif isinstance(node, ast.Attribute) and node.attr in MAKERS:  # pyspark.SparkContext
            yield node.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _MAGIC:
            yield from _in_magic(node.args)


def _in_magic(arguments: List[ast.expr]) -> Iterator[str]:
    """Look into texts: to `%%time` the cell is one. The first names the magic."""
    texts = [part.value for part in arguments if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    if texts and texts[0] in _OF_PYTHON:
        for text in texts[1:]:
            yield from _WORDS.findall(text)


def _bound(node: ast.AST) -> Iterator[str]:
    """Return the names that a statement binds in its own scope: what its functions bind is theirs."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.alias):
        yield node.asname or node.name.partition(".")[0]
    if not isinstance(node, _SCOPES + _COMPREHENSIONS):
        for child in ast.iter_child_nodes(node):
            yield from _bound(child)


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _call() -> ast.stmt:
    statement = ast.parse(WAIT + "()").body[0]
    for node in ast.walk(statement):
        for name in ("lineno", "end_lineno"):
            if hasattr(node, name):
                setattr(node, name, 1)
    return statement


_KNOWN = {*NAMES, *MAKERS}
