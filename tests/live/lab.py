"""JupyterLab in a real browser: what the tests of our screen do in it, and what no test of it may leave behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
import pytest

from .access import violations_in
from .jupyter import Server

PATIENCE_MS = 60_000
FORGOTTEN_MS, TRIES = 5_000, 3
"""How long a cell may take to begin, and how often it is run until it does."""

SCREENSHOTS = "WORKBENCH_SCREENSHOTS"
"""Names a folder: every test leaves its screenshots there."""

OWN_FOLDERS = (
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "IPYTHONDIR",
    "JUPYTER_WORKBENCH_DATA_DIR",
)
"""Of each test, and here of each server that outlives one."""

LOCAL = {"local.compute": "type: local\n", "local.runconfig": "Target: local\nFramework: Python\n"}
"""The files of a project that runs on this machine."""

SETTINGS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
"""Of JupyterLab: nothing comes from the network, and no notification but those of the test."""

PAGE = {"buildCheck": False}
"""Of its pages: none asks Node whether something is to be built."""

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""Of Chromium."""

NOT_OURS = (
    # A kernel that does not start or was cancelled answers with an error, on REST and on the websocket to it.
    re.compile(r"Failed to load resource: the server responded with a status of"),
    re.compile(r"WebSocket connection to '[^']*/api/kernels/[^']*/channels[^']*' failed"),
    # The debugger of JupyterLab was asking the kernel that is changed.
    re.compile(r"Could not restore the debugger state: Canceled future"),
)
"""What a page says in its console that tells of no mistake."""


@dataclass
class Lab:
    """One page of JupyterLab."""

    page: Any
    server: Server
    name: str
    errors: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    barriers: list[str] = field(default_factory=list)
    _taken: int = 0

    def listen(self) -> None:
        """Keep what the page says that nobody should hear."""
        self.page.on("pageerror", lambda error: self.errors.append(f"{error}\n{getattr(error, 'stack', '')}"))
        self.page.on("console", self._hear)

    def _hear(self, message: Any) -> None:
        url = str(message.location.get("url"))
        is_ours = "/workbench/api/" in url and "with a status of 5" in message.text
        if message.type == "error" and (is_ours or not any(pattern.search(message.text) for pattern in NOT_OURS)):
            self.console.append(f"{message.text} ({url})")

    async def open(self, path: str = "") -> None:
        """Open JupyterLab with a file of the server, with nothing else open."""
        where = f"/tree/{quote(path)}" if path else ""
        workspace = re.sub(r"\W+", "-", self.name)
        await self.page.goto(f"{self.server.url}lab/workspaces/{workspace}{where}?reset&token={self.server.token}")
        await self.page.locator("#jp-main-dock-panel").wait_for()
        await self.page.locator(".jupyterlab-splash, #galaxy").first.wait_for(state="detached")

    @property
    def kernel_name(self) -> Any:
        """The button in the toolbar of the notebook that is shown."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Toolbar-kernelName")

    @property
    def dialog(self) -> Any:
        """The dialog that is open."""
        return self.page.locator(".jp-Dialog")

    def toast(self, text: str) -> Any:
        """Return the notification that has this text."""
        return self.page.locator(".Toastify__toast", has_text=text)

    async def change_kernel(self, display_name: str) -> None:
        """Pick a kernel in the dialog Change Kernel."""
        await self.kernel_name.click()
        await self.dialog.locator("select").select_option(label=display_name)
        await self.dialog.locator("button.jp-mod-accept").click()

    async def until_idle(self) -> None:
        """Wait until the kernel of the notebook answers: JupyterLab forgets cells that are run before the first one."""
        await self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) [data-status='idle']").first.wait_for()

    async def run_first_cell(self) -> None:
        """Press Shift+Enter in it; again, where JupyterLab forgot it because its kernel was not quite connected."""
        from playwright.async_api import TimeoutError as NothingBegan

        begun = self.page.locator(".jp-CodeCell .jp-InputPrompt").first.filter(has_not_text="[ ]:")
        for _ in range(TRIES):
            await self.page.locator(".jp-CodeCell .cm-content").first.click()
            await self.page.keyboard.press("Shift+Enter")
            with suppress(NothingBegan):
                await begun.wait_for(timeout=FORGOTTEN_MS)
                return
        raise AssertionError("JupyterLab did not run the cell")

    async def command(self, label: str) -> None:
        """Pick a command from the palette with the keyboard; again, where something that appeared took the focus."""
        from playwright.async_api import TimeoutError as NothingFound

        found = self.page.locator(".lm-CommandPalette-item.lm-mod-active", has_text=label)
        for _ in range(TRIES):
            await self.page.keyboard.press("Control+Shift+C")
            with suppress(NothingFound):
                await self.page.locator(".lm-CommandPalette-input").wait_for(timeout=FORGOTTEN_MS)
                await self.page.keyboard.type(label)
                await found.wait_for(timeout=FORGOTTEN_MS)
                await self.page.keyboard.press("Enter")
                return
            await self.page.keyboard.press("Escape")
        raise AssertionError(f"the palette did not offer {label}")

    async def look_for_barriers(self) -> None:
        """Keep what is wrong for people who see, hear or point less well, each once."""
        self.barriers += [one for one in await violations_in(self.page) if one not in self.barriers]

    async def screenshot(self, what: str) -> None:
        """Look for barriers in what is seen now, and keep a picture, where somebody wants pictures."""
        await self.look_for_barriers()
        if folder := os.environ.get(SCREENSHOTS):
            self._taken += 1
            Path(folder).mkdir(parents=True, exist_ok=True)
            await self.page.screenshot(path=Path(folder) / f"{self.name}-{self._taken}-{what}.png")


@asynccontextmanager
async def a_lab(page: Any, server: Server, name: str) -> AsyncIterator[Lab]:
    """Give a page to a test; whatever went wrong in it unseen fails the test."""
    from playwright.async_api import expect

    expect.set_options(timeout=PATIENCE_MS)
    page.set_default_timeout(PATIENCE_MS)
    lab = Lab(page, server, name)
    lab.listen()
    try:
        yield lab
    finally:
        await lab.screenshot("end")
    assert not lab.errors, "uncaught errors in the page:\n" + "\n".join(lab.errors)
    assert not lab.barriers, "barriers in what is ours in the page:\n" + "\n".join(lab.barriers)
    assert not lab.console, "errors in the console of the page:\n" + "\n".join(lab.console)


def chromium() -> str | None:
    """Return the system's own Chromium, if it has one: nothing is downloaded."""
    return shutil.which("chromium") or shutil.which("google-chrome")


@asynccontextmanager
async def a_browser() -> AsyncIterator[Any]:
    """Run it, without a window."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        await browser.close()


def local_project(folder: Path) -> Path:
    """Make a folder a project with one run configuration, `local`; return its `aml_config/`."""
    settings = folder / "aml_config"
    settings.mkdir(parents=True)
    for name, text in LOCAL.items():
        (settings / name).write_text(text)
    return settings


def write_notebook(path: Path, source: str = "1 + 1", kernel: tuple[str, str] = ("python3", "Python 3")) -> Path:
    """Write a notebook with one cell; ``kernel`` is the name and the display name that it was saved with."""
    kernelspec = {"name": kernel[0], "display_name": kernel[1], "language": "python"}
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)], metadata={"kernelspec": kernelspec})
    nbformat.write(book, path)
    return path


@contextmanager
def own_jupyter(folders: pytest.TempPathFactory) -> Iterator[None]:
    """Give a server that outlives one test the folders that each test has of its own."""
    with jupyter_in(folders.mktemp("jupyter")):
        yield


@contextmanager
def jupyter_in(folder: Path) -> Iterator[None]:
    """Let nothing of the user's Jupyter be read or written: ``folder``, which is empty, stands for it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in OWN_FOLDERS:
            (folder / name.lower()).mkdir()
            patch.setenv(name, str(folder / name.lower()))
        settings = folder / "jupyter_config_dir" / "labconfig" / "default_setting_overrides.json"
        settings.parent.mkdir()
        settings.write_text(json.dumps(SETTINGS))
        settings.with_name("page_config.json").write_text(json.dumps(PAGE))
        yield


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """How many there are by now."""
        return time.monotonic() - self._began


def name_of(request: pytest.FixtureRequest) -> str:
    """Return the name of a test, as a file may be called."""
    return str(request.node.name).removeprefix("test_")
