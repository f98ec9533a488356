"""What Spark reads from this process: its environment variables and ``sys.path``, and the defaults of its image."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
from typing import Dict, Mapping, MutableMapping, Optional

from .settings import Settings

CONNECT_SECONDS = 5.0


class JavaMissing(Exception):
    """There is no Java to run Spark with; the message says so."""


class MasterSilent(Exception):
    """The cluster that is to run Spark does not answer; the message is its address."""


def prepare(settings: Settings, environ: MutableMapping[str, str]) -> None:
    """Set what the settings name, and what is not set yet: children of the kernel may use it as well."""
    position = 1 if sys.path[:1] == [""] else 0
    sys.path[position:position] = [path for path in settings.python_path if path not in sys.path]
    if settings.spark_home:
        environ["SPARK_HOME"] = settings.spark_home
    if settings.java_home:
        environ["JAVA_HOME"] = settings.java_home
    environ.setdefault("PYSPARK_PYTHON", sys.executable)
    environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    if user_is_nameless():
        environ.setdefault("SPARK_USER", nameless_user())
        environ.setdefault("HADOOP_USER_NAME", nameless_user())


def check_java(environ: Mapping[str, str]) -> None:
    """Raise JavaMissing when Spark would find none: its own message is one of a shell script."""
    home = environ.get("JAVA_HOME")
    if home and not os.access(os.path.join(home, "bin", "java"), os.X_OK):
        raise JavaMissing("JAVA_HOME is {}, and there is no bin/java in it".format(home))
    if not home and shutil.which("java", path=environ.get("PATH")) is None:
        raise JavaMissing("JAVA_HOME is not set, and there is no `java` on the PATH")


def address_towards(master: str) -> Optional[str]:
    """Return the address of this machine that a master of ``spark://HOST:PORT,HOST:PORT`` sees; None for other kinds.

    Raises MasterSilent when none of them listens: Spark would try for a minute.
    """
    addresses = re.findall(r"([\w.-]+):(\d+)", master[len("spark://") :]) if master.startswith("spark://") else []
    seen = next(filter(None, (_seen_by(host, int(port)) for host, port in addresses)), None)
    if addresses and seen is None:
        raise MasterSilent(" and ".join(":".join(address) for address in addresses))
    return seen


def _seen_by(host: str, port: int) -> Optional[str]:
    try:
        with socket.create_connection((host, port), CONNECT_SECONDS) as connection:
            return str(connection.getsockname()[0])
    except OSError:
        return None


def defaults_of(spark_home: Optional[str], environ: Mapping[str, str]) -> Dict[str, str]:
    """Return the keys of ``spark-defaults.conf``, which an image may bring along; our own defaults stand back."""
    folder = environ.get("SPARK_CONF_DIR") or (os.path.join(spark_home, "conf") if spark_home else None)
    if folder is None:
        return {}
    try:
        with open(os.path.join(folder, "spark-defaults.conf"), encoding="utf-8") as file:
            lines = [line.strip() for line in file]
    except OSError:
        return {}
    pairs = [line.replace("=", " ", 1).split(None, 1) for line in lines if line and not line.startswith("#")]
    return {pair[0]: pair[1].strip() for pair in pairs if len(pair) == 2}


def user_is_nameless() -> bool:
    """Whether this process runs as a number that has no name: Java then has neither name nor home for it."""
    if sys.platform == "win32":
        return False
    import pwd

    try:
        pwd.getpwuid(os.getuid())
    except KeyError:
        return True
    return False


def nameless_user() -> str:
    """Return a name for it."""
    return os.environ.get("USER") or "uid{}".format(os.getuid())
