"""`EnvironmentVariables` of the run configuration, for Spark's processes on other machines.

Those of this machine are children of the kernel and have them anyway. Values come from the kernel's own environment:
nothing else has to hold them, since they may be secrets.
"""

from __future__ import annotations

import re
from typing import Dict, Mapping, Sequence

PREFIX = "spark.executorEnv."
REDACTION = "spark.redaction.regex"

SPARKS_OWN_REDACTION = "(?i:secret|password|token|access[.]?key|credential)"
"""Spark's default, that of 4.3, which hides a little more than those before: a value of ours takes its place."""

OF_THIS_MACHINE = re.compile(r"PATH|JAVA_HOME|HADOOP_CONF_DIR|YARN_CONF_DIR|(?:PY)?SPARK_.*")
"""They say where programs, settings and addresses are here; another machine has its own."""


def for_executors(names: Sequence[str], environ: Mapping[str, str], given: Mapping[str, str]) -> Dict[str, str]:
    """Return the properties that carry these variables to executors and keep the values out of Spark's pages and logs.

    ``given`` is the configuration so far: a variable that it sets stays, and what it hides stays hidden.
    """
    carried = [
        name for name in names if name in environ and PREFIX + name not in given and not OF_THIS_MACHINE.fullmatch(name)
    ]
    if not carried:
        return {}
    ours = "^{}(?:{})$".format(re.escape(PREFIX), "|".join(re.escape(name) for name in sorted(carried)))
    hidden = "(?:{})|{}".format(given.get(REDACTION, SPARKS_OWN_REDACTION), ours)
    return {**{PREFIX + name: environ[name] for name in carried}, REDACTION: hidden}
