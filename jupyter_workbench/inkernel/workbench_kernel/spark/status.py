"""``%azureml spark``: what Spark of this kernel is, and where its own pages are."""

from __future__ import annotations

import html
from typing import Any, Dict, List, Tuple

from .session import Session
from .settings import Settings


def facts(session: Session, settings: Settings, ui: bool) -> List[Tuple[str, str]]:
    """Return names and values, in the order in which they are shown; ``ui``: whether Jupyter reaches Spark's pages."""
    context = session.context
    configured: Dict[str, str] = dict(context.getConf().getAll())
    rows = [
        ("Spark", context.version),
        ("Java", str(context._jvm.java.lang.System.getProperty("java.version"))),
        ("Master", context.master),
        ("Application", "{} ({})".format(context.appName, context.applicationId)),
        ("Executors", _executors(context)),
        ("Memory", configured.get("spark.driver.memory", "1g") + " for the driver" + _of_executors(configured)),
    ]
    return [*rows, ("UI", settings.ui_base + "/" if ui and settings.ui_base else "cannot be reached from Jupyter")]


def shown(rows: List[Tuple[str, str]]) -> Tuple[str, str]:
    """Return a text, and HTML with a link."""
    width = max(len(name) for name, _ in rows)
    text = "\n".join("{}  {}".format(name.ljust(width), value) for name, value in rows)
    body = "".join("<tr><th>{}</th><td>{}</td></tr>".format(name, _linked(name, value)) for name, value in rows)
    return text, "<table><tbody>{}</tbody></table>".format(body)


def _executors(context: Any) -> str:
    others = len(context._jsc.sc().statusTracker().getExecutorInfos()) - 1  # the driver is one of them
    cores = "{} tasks at once".format(context.defaultParallelism)
    return "{}, {}".format("in the driver" if others < 1 else others, cores)


def _of_executors(configured: Dict[str, str]) -> str:
    memory = configured.get("spark.executor.memory")
    return "" if memory is None else ", {} for each executor".format(memory)


def _linked(name: str, value: str) -> str:
    text = html.escape(value)
    if name == "UI" and value.startswith("/"):
        return '<a href="{}" target="_blank" rel="noopener">Open the Spark UI</a>'.format(
            html.escape(value, quote=True)
        )
    return text
