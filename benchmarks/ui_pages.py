"""JupyterLab in a real browser, with our screen and without it, for the parts of `benchmarks.ui`.

One server has both: it looks for extensions in a folder of links whenever a page is loaded, and ours is one of them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jupyter_core.paths import jupyter_path

from jupyter_workbench.screen import NAME
from tests.live.jupyter import Server, running_server
from tests.live.lab import PATIENCE_MS, a_browser, jupyter_in

RUN_ROWS = ".jp-Workbench-runs tbody tr"
SCRIPT = """
performance.setResourceTimingBufferSize(5000); // it is 250 otherwise
// The time when JupyterLab has activated its plugins and laid out its widgets.
window.untilReady = new Promise(resolve => {
  let app;
  Object.defineProperty(window, 'jupyterapp', {
    get: () => app,
    set: given => {
      app = given;
      app.restored.then(() => resolve(performance.now()));
    }
  });
});
// The time when the first element that fits is painted: a frame is asked for, and what follows it is after its paint.
window.painted = selector => new Promise(resolve => {
  const told = new MessageChannel();
  told.port1.onmessage = () => resolve(performance.now());
  const observer = new MutationObserver(look);
  observer.observe(document, { childList: true, subtree: true });
  function look() {
    if (document.querySelector(selector) !== null) {
      observer.disconnect();
      requestAnimationFrame(() => told.port2.postMessage(null));
    }
  }
  look();
});
"""


class Screen:
    """A server, and a browser that shows its JupyterLab."""

    def __init__(self, server: Server, browser: Any, extensions: Path, root: Path) -> None:
        self.server, self.root = server, root
        self._browser, self._extensions = browser, extensions
        self._workspaces = count()

    @asynccontextmanager
    async def context(self, *scripts: str) -> AsyncIterator[Any]:
        """Give a browser that has seen nothing yet: its cache is empty."""
        context = await self._browser.new_context(viewport={"width": 1280, "height": 800})
        context.set_default_timeout(PATIENCE_MS)
        for script in (SCRIPT, *scripts):
            await context.add_init_script(script)
        yield context
        await context.close()

    async def open(self, page: Any, *, ours: bool = True, query: str = "") -> float:
        """Load JupyterLab, with nothing open in it; returns the seconds until it is ready."""
        link = self._extensions / NAME
        target = link.readlink()
        if not ours:
            link.unlink()
        try:
            address = f"lab/workspaces/benchmark-{next(self._workspaces)}?token={self.server.token}{query}"
            await page.goto(self.server.url + address, wait_until="commit")
            ready = await page.evaluate("untilReady") / 1e3
            assert await page.evaluate("name => jupyterapp.hasPlugin(name)", f"{NAME}:history") is ours
        finally:
            if not ours:
                link.symlink_to(target)
        return float(ready)

    def history_query(self, project: Path) -> str:
        """Return what the address of a project's run history has more."""
        return f"&workbench-project={quote(str(project), safe='')}"


@asynccontextmanager
async def a_screen(root: Path) -> AsyncIterator[Screen]:
    """Start both; ``root`` is the folder that the server shows."""
    extensions = _linked_extensions(root.parent / "extensions")
    options = ("--LabApp.expose_app_in_browser=True", f"--LabApp.labextensions_path={extensions}")
    async with AsyncExitStack() as stack:
        jupyter = root.parent / "jupyter"
        jupyter.mkdir()
        stack.enter_context(jupyter_in(jupyter))
        server = stack.enter_context(running_server(root, *options))
        browser = await stack.enter_async_context(a_browser())
        yield Screen(server, browser, extensions, root)


def _linked_extensions(folder: Path) -> Path:
    """Make a folder of links to all extensions that are installed."""
    folder.mkdir()
    for place in filter(Path.is_dir, map(Path, jupyter_path("labextensions"))):
        for extension in place.iterdir():
            if not (folder / extension.name).exists():
                (folder / extension.name).symlink_to(extension)
    assert (folder / NAME).exists(), "our screen is not built: see CONTRIBUTING.md"
    return folder
