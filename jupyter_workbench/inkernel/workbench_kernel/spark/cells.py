"""Spark as the cells of a kernel meet it: the one place that knows all the parts."""

from __future__ import annotations

import logging
import tempfile
from typing import Any, Callable, Optional, Set

from .. import complaints, magics
from . import plain, quiet, settings, status, ui, waiting
from .boot import Boot
from .depth import Depth
from .failures import Failures
from .gate import MAKERS, WAIT, Gate
from .imports import Imports
from .interrupts import Interrupts
from .memory import Memory
from .names import Names
from .place import Place
from .progress import Progress
from .session import Session
from .settings import Settings
from .sql import SqlMagic
from .ui import Forwarder


def attach(app: Any, folder: Optional[str]) -> Cells:
    """Give the shell of an initialised kernel its Spark; ``folder`` is the kernel's spool."""
    own = folder or tempfile.mkdtemp(prefix="workbench-spark-")
    cells = Cells(app.shell, app.kernel, settings.take(folder), own)
    cells.register()
    return cells


class Cells:
    """Spark for the cells of one shell."""

    def __init__(self, shell: Any, kernel: Any, told: Settings, folder: str) -> None:
        """``folder`` belongs to this kernel. ``kernel`` may be None, then nothing is shown while a cell runs."""
        self._shell = shell
        self._kernel = kernel
        self.boot = Boot(told, folder, self._started)
        self._names = Names(shell)
        self._interrupts = Interrupts(self.boot)
        self._failures = Failures(shell, self.boot, self._interrupts)
        self._progress = Progress(self.boot)
        self._memory = Memory(told.memory_bytes)
        self._depth = Depth(shell)
        self._pages: Optional[Forwarder] = None
        self._may_try_again = True  # once a cell: each try can take seconds

    def register(self) -> None:
        """Start Spark, and let cells wait for it."""
        events = self._shell.events
        events.register("pre_run_cell", _callback(self._cell_begins))
        events.register("post_run_cell", _callback(self._cell_ends))
        self._shell.ast_transformers.append(Gate(self._may_run))
        SqlMagic(self._shell, self.wait).register()
        magics.commands["spark"] = self.show_status
        self._prepare()
        Imports(self._shell, self.boot).watch()
        self.boot.begin_soon()

    def wait(self) -> Session:
        """Return a session that works, sooner or later; SparkNotStarted when there can be none."""
        if self.boot.failed and self._may_try_again:
            self.boot.start()  # Java may be installed by now, or the cluster be there
        self._may_try_again = False
        self.boot.begin()
        if self.boot.is_ready:
            self._replace_what_ended()
        if not self.boot.wait(0):
            try:
                waiting.wait(self.boot, self._new_place)
            except KeyboardInterrupt:
                raise plain.interruption("Spark goes on starting") from None
        session = self.boot.session
        if session is None:
            raise plain.SparkNotStarted(self.boot.failure) from None
        self._names.restore()
        self._interrupts.name_jobs()
        return session

    def show_status(self) -> None:
        """Do what ``%azureml spark`` says."""
        session = self.wait()
        text, html = status.shown(status.facts(session, self.boot.settings, self._pages is not None))
        self._shell.display_pub.publish({"text/plain": text, "text/html": html})

    # ---- below -----------------------------------------------------------------------------------
    def _prepare(self) -> None:
        try:
            self.boot.prepare()
        except Exception as error:  # Spark's thread meets it again, and cells that need Spark say so
            logging.getLogger(__name__).debug("Spark's surroundings could not be prepared: %s", error)

    def _cell_begins(self) -> None:
        if self._depth.begins():
            self._may_try_again = True
            self._interrupts.cell_begins()
            self._progress.cell_begins(self._new_place())
            self._memory.cell_begins()

    def _cell_ends(self) -> None:
        if self._depth.ends():
            self._memory.cell_ends()
            self._progress.cell_ends(at_once=self._interrupts.pressed)
            self._interrupts.cell_ends()

    def _may_run(self, used: Set[str]) -> bool:
        """Whether a cell with these names of Spark needs nothing of us. Java is not asked: that can take long."""
        wanted = self._names.wanted(used)
        makers = used & MAKERS
        if not wanted and not makers:
            return True
        if self.boot.is_ready and not self.boot.may_have_ended(only_java=not wanted):
            self._names.restore()
            return True
        self._shell.user_ns[WAIT] = self._shell.user_ns_hidden[WAIT] = self.wait
        return False

    def _replace_what_ended(self) -> None:
        reason = self.boot.what_ended()
        if reason is not None:
            print("{}. A new session with the same settings is starting.".format(reason))
            self.boot.start()

    def _started(self, session: Session) -> None:
        quiet.quieten()
        self._failures.register()
        self._interrupts.new_session()
        self._memory.watch_java(session.gateway.proc.pid if session.gateway.proc is not None else None)
        self._names.put(session)
        self._open_pages(session)

    def _open_pages(self, session: Session) -> None:
        """Let Jupyter reach Spark's own pages, which listen on loopback only."""
        if self._pages is not None:
            self._pages.close()
            self._pages = None
        place, address = self.boot.settings.ui_socket, session.context.uiWebUrl
        if place is not None and address is not None:
            try:
                self._pages = ui.forward(place, int(address.rpartition(":")[2]))
            except (OSError, ValueError) as error:
                logging.getLogger(__name__).warning("Spark's pages cannot be reached: %s", error)

    def _new_place(self) -> Place:
        return Place(self._kernel, self._shell.get_parent() if self._kernel is not None else None)


def _callback(step: Callable[[], None]) -> Callable[[Any], None]:
    """Return a callback of IPython that takes the step; IPython would print the trace of an error into the cell."""

    def callback(_argument: Any) -> None:
        try:
            step()
        except Exception as error:
            complaints.internal(error)

    return callback
