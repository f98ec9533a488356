"""What Spark is given: the user's configuration, and our defaults where it says nothing."""

from __future__ import annotations

import os
import tempfile
from typing import Dict, List, Mapping, Optional

from . import surroundings, variables
from .settings import Settings

LOOPBACK = "127.0.0.1"
MIB = 1 << 20
SPARKS_OWN_HEAP = 1024 * MIB
LEAST_HEAP = 512 * MIB  # Spark refuses less than 450 MiB

AT_THE_START = (
    "spark.app.name",
    "spark.archives",
    "spark.driver.",
    "spark.files",
    "spark.jars",
    "spark.kerberos.",
    "spark.kubernetes.",
    "spark.local.dir",
    "spark.log.level",
    "spark.master",
    "spark.submit.",
    "spark.yarn.",
)
"""Keys that begin like this must be known when the JVM starts. The command line of a process is seen by everybody."""

SECRET = ("secret", "password", "token", "account.key", "accesskey", "access.key")


def is_local(master: Optional[str]) -> bool:
    """Whether Spark runs in one process of this machine; that is also Spark's own default."""
    return not master or master.startswith("local")


def master_of(settings: Settings, image: Mapping[str, str], environ: Mapping[str, str]) -> Optional[str]:
    """Return what names the master, in the order in which Spark looks."""
    return settings.configuration.get("spark.master") or image.get("spark.master") or environ.get("MASTER")


def complete(
    settings: Settings,
    folder: str,
    image: Mapping[str, str],
    environ: Mapping[str, str],
    address: Optional[str] = None,
) -> Dict[str, str]:
    """Return every setting; ``folder`` belongs to this kernel, ``image`` has defaults of its own.

    ``address``: where a cluster reaches this kernel; None leaves that to Spark. Nobody but a cluster has to.
    """
    local = is_local(master_of(settings, image, environ))
    given = {**image, **settings.configuration}
    ours = {**_defaults(settings, folder, environ), **_memory(settings.memory_bytes if local else None, given)}
    seen_at = LOOPBACK if local else address
    if seen_at is not None:
        ours.update({"spark.driver.host": seen_at, "spark.driver.bindAddress": seen_at})
    chosen = {key: value for key, value in ours.items() if key not in image}
    chosen.update(settings.configuration)
    if not local:
        chosen.update(variables.for_executors(settings.variables, environ, {**image, **chosen}))
    jars = [path for path in [given.get("spark.jars", ""), *settings.jars] if path]
    if jars:
        chosen["spark.jars"] = ",".join(jars)
    options = [*_java_options(settings, folder), given.get("spark.driver.defaultJavaOptions", "")]
    chosen["spark.driver.defaultJavaOptions"] = " ".join(option for option in options if option)
    return chosen


def for_the_start(configuration: Mapping[str, str]) -> Dict[str, str]:
    """Return what the command of the JVM has to name; the rest is told to Spark when it is up."""
    return {
        key: value
        for key, value in configuration.items()
        if key.startswith(AT_THE_START) and not any(word in key.lower() for word in SECRET)
    }


def _defaults(settings: Settings, folder: str, environ: Mapping[str, str]) -> Dict[str, str]:
    defaults = {
        "spark.app.name": settings.app_name,
        "spark.ui.showConsoleProgress": "false",
        "spark.ui.killEnabled": "false",  # the port has no login: whoever reaches it must not end jobs
        "spark.ui.port": "0",  # any: Spark tries 16 ports from 4040 on, and does not start when all are taken
        "spark.sql.warehouse.dir": os.path.join(folder, "spark-warehouse"),
    }
    if not environ.get("SPARK_LOCAL_DIRS"):
        defaults["spark.local.dir"] = tempfile.gettempdir()
    return defaults


def _memory(limit: Optional[int], given: Mapping[str, str]) -> Dict[str, str]:
    """Half of what the container may use is Java's: Python, which the results go to, needs the other half.

    A result that is too large for either is refused by Spark before it kills one of them. Beside a memory that the user
    has chosen, Spark's own limit stays.
    """
    heap = SPARKS_OWN_HEAP if limit is None else max(limit // 2, LEAST_HEAP)
    memory = {} if limit is None else {"spark.driver.memory": "{}m".format(heap // MIB)}
    if "spark.driver.memory" not in given:
        memory["spark.driver.maxResultSize"] = "{}m".format(heap // 4 // MIB)
    return memory


def _java_options(settings: Settings, folder: str) -> List[str]:
    options = ['"-Dderby.system.home={}"'.format(folder), '"-XX:ErrorFile={}/java-crash.log"'.format(folder)]
    if settings.archive:
        # An archive that does not fit is passed over without a word.
        options += ["-Xshare:auto", "-XX:SharedArchiveFile={}".format(_quoted(settings.archive))]
        options += ["-Xlog:disable", "-Xlog:all=error:stderr"]
    if surroundings.user_is_nameless():
        options += ["-Duser.name=" + surroundings.nameless_user(), '"-Duser.home={}"'.format(folder)]
    return options


def _quoted(path: str) -> str:
    return '"{}"'.format(path) if " " in path else path
