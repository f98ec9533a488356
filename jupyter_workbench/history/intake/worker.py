"""A thread for work that may be left undone: a process that ends does not wait for it, as for those of pools."""

from __future__ import annotations

import threading
from concurrent.futures import Executor, Future
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")


class Worker(Executor):
    """Does what it is given in that order, one after the other. What is under way at the end of the process is cut off.

    That is the death which spool and store are made for, and a history that another process has locked would keep a
    server from ending for minutes.
    """

    def __init__(self, name: str) -> None:
        self._orders: SimpleQueue[tuple[Future[object], Callable[[], object]]] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._starting = threading.Lock()

    def submit(
        self, fn: Callable[Arguments, Result], /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Future[Result]:
        """Have something done; the thread is there from the first time on."""
        future: Future[Result] = Future()
        self._orders.put((future, partial(fn, *args, **kwargs)))  # type: ignore[arg-type]
        with self._starting:
            if self._thread.ident is None:
                self._thread.start()
        return future

    def _work(self) -> None:
        while True:
            _do(*self._orders.get())


def _do(future: Future[object], work: Callable[[], object]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = work()
    except BaseException as error:  # whoever waits for the result gets it
        future.set_exception(error)
    else:
        future.set_result(result)
