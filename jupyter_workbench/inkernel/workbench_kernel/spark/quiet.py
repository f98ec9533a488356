"""Keeps out of cells what py4j and pyspark log of errors that the cell shows anyway."""

from __future__ import annotations

import logging
import warnings

_LOST = (
    "KeyboardInterrupt while sending command",
    "Exception while sending command",
    "An error occurred while trying to connect to the Java server",
    "Error while sending",
    "Exception occurred while shutting down connection",
)
_TWICE = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")
"""What these tell on stderr is the error itself, as JSON."""
_OF_PANDAS = r"toPandas attempted Arrow optimization .* has reached the error below and can not continue"
"""This warning is that error too, with all of Java's trace."""


class Quiet(logging.Filter):
    """Drops py4j's traces of interrupts and of lost connections."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether somebody should read it."""
        return not record.getMessage().startswith(_LOST)


def quieten() -> None:
    """Filter what py4j tells the root logger and its own; once is enough, again does no harm."""
    for name in (None, "py4j", "py4j.java_gateway", "py4j.clientserver"):
        logger = logging.getLogger(name)
        if not any(isinstance(known, Quiet) for known in logger.filters):
            logger.addFilter(Quiet())
    warnings.filterwarnings("ignore", message=_OF_PANDAS, category=UserWarning)
    for name in _TWICE:
        logging.getLogger(name).disabled = True
