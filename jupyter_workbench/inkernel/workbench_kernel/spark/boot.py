"""Starts Spark in a thread of its own, and again after it was stopped or has died; knows what state it is in."""

from __future__ import annotations

import os
import sys
import threading
import traceback
from typing import Any, Callable, Dict, Mapping, Optional

from . import causes, configuration, launching, oom, session, surroundings
from .session import Session
from .settings import Settings

SOON_SECONDS = 0.5
"""After this the kernel has answered: Java and the imports of pyspark would make it wait for a processor."""


class Boot:
    """Spark of this kernel."""

    def __init__(self, settings: Settings, folder: str, started: Callable[[Session], None]) -> None:
        """``folder`` belongs to this kernel; ``started`` is called in the thread, with each new session."""
        self.settings = settings
        self.log = os.path.join(folder, launching.LOG)
        self.session: Optional[Session] = None
        self.failure: Optional[str] = None  # why there is none, in a sentence
        self.doubtful = False  # an error came since that can mean that it has ended
        self.claimed = threading.Event()  # whoever asks pyspark for a session meets ours, or there was none
        self._folder = folder
        self._started = started
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._thread: Optional[threading.Thread] = None
        self._running = False
        self._has_begun = False
        self._kills = 0  # for want of memory, before Java was started

    @property
    def is_ready(self) -> bool:
        """Whether a session was made, and no other is being made."""
        return self._done.is_set() and self.session is not None

    @property
    def failed(self) -> bool:
        """Whether it could not be started."""
        return self._done.is_set() and self.session is None

    def prepare(self) -> None:
        """Let cells find the pyspark and the Java that Spark will use."""
        surroundings.prepare(self.settings, os.environ)

    def begin_soon(self) -> None:
        """Make the first session when the kernel has had the time to answer."""
        timer = threading.Timer(SOON_SECONDS, self.begin)
        timer.daemon = timer.pydev_do_not_trace = True  # type: ignore[attr-defined]
        timer.start()

    def begin(self) -> None:
        """Make the first session now, unless that has begun."""
        with self._lock:
            has_begun, self._has_begun = self._has_begun, True
        if not has_begun:
            self.start()

    def start(self) -> None:
        """Make a session in the background, unless one is just being made."""
        with self._lock:
            if self._running:
                return
            self._running = True
            self.session = None
            self._done.clear()
        thread = threading.Thread(target=self._work, name="WorkbenchSpark", daemon=True)
        thread.pydev_do_not_trace = True  # type: ignore[attr-defined]  # a debugger must not stop it
        thread.is_pydev_daemon_thread = True  # type: ignore[attr-defined]
        self._thread = thread
        thread.start()

    def is_own_thread(self) -> bool:
        """Whether the caller is what makes the session."""
        return threading.current_thread() is self._thread

    def wait(self, seconds: float) -> bool:
        """Wait so long at most; return whether it has started, or failed to."""
        return self._done.wait(seconds)

    def may_have_ended(self, only_java: bool = False) -> bool:
        """Whether the session that was made is perhaps none any more, without asking Java; see `what_ended`."""
        session = self.session
        if session is None or self.doubtful or launching.has_ended(session.gateway):
            return True
        return not only_java and session.context._jsc is None

    def what_ended(self) -> Optional[str]:
        """Return why the session that was made is none any more, in a sentence; None while it works.

        A session that the user made instead is as good: it becomes that of this kernel.
        """
        self.doubtful = False
        if self.session is None:
            return None
        gateway = self.session.gateway
        if launching.has_ended(gateway):
            return self.end_of(gateway)
        try:
            if not self.session.is_stopped():
                return None
            return None if self._adopt() else "Spark was stopped"
        except Exception as error:  # py4j's, when the JVM is about to end
            return self.end_of(gateway) or _java("does not answer ({})".format(error))

    def end_of(self, gateway: Any) -> Optional[str]:
        """Return how Java ended, in a sentence; None while it lives."""
        end = launching.end_of(gateway)
        if end is not None and oom.kills() > self._kills:
            end = "was killed: " + oom.words(self.settings.memory_bytes)
        return end and _java(end)

    def _adopt(self) -> bool:
        context = session.active_context()
        if context is None or self.session is None:
            return False
        from pyspark.sql import SparkSession

        self.session = Session(self.session.gateway, context, SparkSession.builder.getOrCreate())
        self._started(self.session)
        return True

    def _work(self) -> None:
        begin = launching.size_of(self.log)
        self._kills = oom.kills()
        try:
            with session.without_warnings():
                made = session.make(self._prepared(), self.log, self.claimed.set)
                self._started(made)
            self.session, self.failure = made, None
        except BaseException as error:  # SystemExit as well, which pyspark raises where it finds no Spark
            said = launching.last_words(self.log, begin)
            self.failure = causes.of_start(error, said, self.settings, oom.kills() > self._kills)
            self._keep(error)
        finally:
            with self._lock:
                self._running = False
                self._done.set()
            self.claimed.set()

    def _prepared(self) -> Dict[str, str]:
        self.prepare()  # again: cells may have changed what it sets
        image = self._defaults_of_the_image(os.environ)
        surroundings.check_java(os.environ)
        master = configuration.master_of(self.settings, image, os.environ)
        local = configuration.is_local(master)
        address = None if local else surroundings.address_towards(master or "")
        if local or address is not None:
            os.environ.setdefault("SPARK_LOCAL_IP", configuration.LOOPBACK)  # where Spark's own pages listen
        return configuration.complete(self.settings, self._folder, image, os.environ, address)

    def _defaults_of_the_image(self, environ: Mapping[str, str]) -> Dict[str, str]:
        return surroundings.defaults_of(environ.get("SPARK_HOME"), environ)

    def _keep(self, error: BaseException) -> None:
        """Leave the whole story beside the words of the JVM: cells show one sentence of it."""
        story = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        try:
            with open(self.log, "a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(story)
        except OSError:
            sys.__stderr__ and sys.__stderr__.write(story)


def _java(end: str) -> str:
    return "Java, in which Spark ran, {}".format(end)
