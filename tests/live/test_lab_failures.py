"""What the screen shows when something fails: the server is restarted under the page, or the network is slow."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from benchmarks.history_filled import OurFilled
from jupyter_workbench.history.location import project_data

from .jupyter import a_free_port, running_server
from .test_lab_history import open_history, table_rows
from .test_lab_panel import Panel
from .test_lab_starting import WHICH_KERNEL, Root

pytestmark = pytest.mark.live
pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.async_api import Page, Route, WebSocketRoute, expect  # noqa: E402 - after the skip

from .lab import OWN_FOLDERS, Lab, a_lab, local_project, name_of, write_notebook  # noqa: E402

TOKEN = "stays"
RUNS = 4
SLOW_SECONDS = 0.8
AWAY = "The server cannot be reached. What is shown here may be old until it answers again."

OF_JUPYTERLAB = (
    # What the browser and JupyterLab say, in the console, of a server that does not answer.
    re.compile(r"net::ERR_CONNECTION_REFUSED|net::ERR_EMPTY_RESPONSE|net::ERR_CONNECTION_RESET"),
    re.compile(r"WebSocket connection to '[^']*/api/events/subscribe[^']*' failed"),
)

UNCAUGHT_IN_JUPYTERLAB = ("Kernel is dead\n", "Failed to fetch\n")
"""Of its debugger, and of its menus of formats, when the server goes away. RestError is what ours would be."""


class Restarted:
    """A server that is stopped and started again at the same address, under the page that shows it."""

    def __init__(self, root: Path) -> None:
        self._root, self._port = root, a_free_port()
        self._folders = {name: os.environ[name] for name in OWN_FOLDERS}
        self._running = ExitStack()
        self.start()

    @property
    def is_running(self) -> bool:
        """Whether it was not stopped."""
        return self.server.process.poll() is None

    def start(self) -> None:
        """Start it with the folders of Jupyter that it had at first: each test has others."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {**self._folders, "JUPYTER_TOKEN": TOKEN}.items():
                patch.setenv(name, value)
            self.server = self._running.enter_context(running_server(self._root, at=self._port))

    def run(self, *arguments: str) -> None:
        """Run a command of ours in a terminal, beside it."""
        command = [sys.executable, "-m", "jupyter_workbench.cli", *arguments, "--project", str(self._root / "myIris")]
        subprocess.run(command, env={**os.environ, **self._folders}, check=True, capture_output=True)

    def stop(self, *, at_once: bool = False) -> None:
        """End it as a system does, or as `kill -9` does: then it tells nobody."""
        if at_once:
            self.server.kill()
        self._running.close()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, jupyter_of_the_file: None) -> Path:
    """The root folder of the servers: a project with runs, whose slow Python answers when told to."""
    folder = tmp_path_factory.mktemp("lab-failures")
    settings = local_project(folder / "myIris")
    Root(folder, folder / "go").slow_again()
    (settings / "slow.compute").write_text(f"type: local\npythonLocation: {folder / 'slow'}\n")
    (settings / "slow.runconfig").write_text("Target: slow\nFramework: Python\n")
    OurFilled(project_data(folder / "myIris", None).root, RUNS).close()
    return folder


@pytest.fixture(scope="module")
def restarted(root: Path) -> Iterator[Restarted]:
    """One for all tests of this file."""
    made = Restarted(root)
    yield made
    made.stop()


@pytest.fixture
async def its_lab(page: Page, restarted: Restarted, root: Path, request: pytest.FixtureRequest) -> AsyncIterator[Lab]:
    """A page of that server, with no kernels. That the server does not answer for a while is no mistake here."""
    slow = Root(root, root / "go")
    slow.slow_again()
    if not restarted.is_running:  # an earlier try left it so
        await asyncio.to_thread(restarted.start)
    async with a_lab(page, restarted.server, name_of(request)) as lab:
        yield lab
        slow.go.touch()
        lab.errors[:] = [
            error
            for error in lab.errors
            if not error.startswith(UNCAUGHT_IN_JUPYTERLAB) or "jupyter_workbench" in error
        ]
        lab.console[:] = [line for line in lab.console if not any(one.search(line) for one in OF_JUPYTERLAB)]
    if restarted.is_running:
        for kernel in await restarted.server.json("GET", "api/kernels"):
            await restarted.server.request("DELETE", f"api/kernels/{kernel['id']}")


@pytest.fixture
def fresh() -> str:
    """A word that no test and no earlier try of this one has used."""
    return uuid.uuid4().hex[:8]


async def test_a_server_that_is_restarted_under_the_page_is_shown_as_it_is_then(its_lab, restarted, root, fresh):
    lab, tag = its_lab, f"stage={fresh}"
    await open_history(lab, root / "myIris")
    await expect(table_rows(lab)).to_have_count(RUNS)
    await table_rows(lab).first.get_by_role("button").click()
    run = lab.page.locator(".jp-Workbench-page")
    await run.locator("h1").wait_for()
    panel = Panel(lab)
    await panel.show()
    await panel.choose(panel.item("slow, Python"), "New notebook with this run configuration")
    await lab.toast("myIris slow: ").wait_for()
    await lab.page.evaluate("window.notReloaded = true")
    await asyncio.to_thread(restarted.stop, at_once=True)

    await panel.page.locator("#jp-workbench-panel").get_by_text(AWAY).wait_for()
    await lab.dialog.get_by_label("Do not show this message again").check()
    await lab.dialog.get_by_role("button", name="Close").click()
    for _ in range(2):
        await panel.choose(panel.item("local, this machine"), "Test the compute target")
    await lab.toast("The server did not answer").wait_for()
    await expect(lab.page.locator(".Toastify__toast--error")).to_have_count(1)
    await lab.page.locator(".lm-TabBar-tab", has_text="Runs of myIris").click()
    await lab.page.get_by_role("button", name="Status").first.click()
    await expect(lab.page.locator(".jp-Workbench-history:visible").get_by_text(AWAY)).to_be_visible()
    await expect(table_rows(lab)).to_have_count(RUNS)
    await expect(lab.page.locator(".jp-Workbench-error")).to_have_count(0)
    await lab.screenshot("away")
    restarted.run("history", "tag", tag, "--run", "last")
    (root / "myIris" / "aml_config" / f"{fresh}.runconfig").write_text("Target: local\nFramework: Python\n")
    await asyncio.to_thread(restarted.start)

    await expect(lab.page.get_by_text(AWAY)).to_have_count(0)
    await expect(table_rows(lab)).to_have_count(RUNS)
    await expect(lab.page.get_by_label("Tag", exact=True)).to_contain_text(tag)
    await panel.item(f"{fresh}, Python").wait_for()
    await panel.item("slow, Python, Kernel not connected").wait_for()
    await expect(lab.toast("myIris slow: ")).to_have_count(0)
    await lab.page.locator(".lm-TabBar-tab", has_text=re.compile(r"^Run \d+$")).click()
    await expect(run.locator(".jp-Workbench-tag", has_text=tag)).to_be_visible()
    await lab.screenshot("back")
    assert await lab.page.evaluate("window.notReloaded")


@dataclass
class SlowNetwork:
    """Lets every answer of our routes and every event wait; counts what was asked for."""

    asked: Counter[str] = field(default_factory=Counter)
    slower: list[str] = field(default_factory=list)
    """Parts of addresses whose answers wait until `let_go`."""
    stopped: list[str] = field(default_factory=list)
    """What does not even come to the server until `let_go`, as it is counted."""
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when an answer that was let go is on the screen's side of the network."""

    async def between(self, page: Page) -> None:
        """Be between this page and its server."""
        await page.route(re.compile(r"/workbench/api/"), self._pass_on)
        await page.route_web_socket(re.compile(r"/api/events/subscribe"), self._pass_on_events)

    async def _pass_on(self, route: Route) -> None:
        request = route.request
        what = f"{request.method} {urlsplit(request.url).path.rpartition('/workbench/api/')[2]}"
        self.asked[what] += 1
        await asyncio.sleep(SLOW_SECONDS)
        if what in self.stopped:
            await self.let_go.wait()
        if any(part in request.url for part in self.slower):
            answer = await route.fetch()  # as it is now: other answers are newer
            await self.let_go.wait()
            await route.fulfill(response=answer)
            self.came.set()
        else:
            await route.continue_()

    def _pass_on_events(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        later = asyncio.get_running_loop().call_later
        server.on_message(lambda message: later(SLOW_SECONDS, socket.send, message))


@pytest.fixture
async def slow_network(its_lab: Lab) -> AsyncIterator[SlowNetwork]:
    """One between the page of the test and its server."""
    network = SlowNetwork()
    await network.between(its_lab.page)
    yield network
    network.let_go.set()


async def test_on_a_slow_network_views_say_that_they_load(its_lab, slow_network, root):
    lab = its_lab
    slow_network.slower = ["/workbench/api/runs?", "/workbench/api/projects"]
    await open_history(lab, root / "myIris")
    pages = lab.page.get_by_role("navigation", name="Pages")
    await expect(pages.get_by_text("Loading…")).to_be_visible()
    await lab.page.locator(".jp-SideBar [data-id='jp-workbench-panel']").click()
    await lab.page.get_by_text("Looking for projects…").wait_for()
    await lab.screenshot("loading")
    slow_network.let_go.set()
    await expect(table_rows(lab)).to_have_count(RUNS)
    await expect(pages.get_by_text("Loading…")).to_have_count(0)
    await Panel(lab).item("myIris").wait_for()


async def test_an_answer_that_comes_too_late_is_not_shown(its_lab, slow_network, root):
    lab = its_lab
    await open_history(lab, root / "myIris")
    await expect(table_rows(lab)).to_have_count(RUNS)
    slow_network.slower = ["text=no-such-run"]
    search = lab.page.get_by_label("Search runs")
    await search.fill("no-such-run")
    pages = lab.page.get_by_role("navigation", name="Pages")
    await expect(pages.get_by_text("Loading…")).to_be_visible()
    await search.fill("")
    await expect(pages.get_by_text("Loading…")).to_have_count(0)
    slow_network.let_go.set()
    await slow_network.came.wait()
    await lab.page.evaluate("new Promise(resolve => setTimeout(resolve, 200))")  # it would be shown by now
    await expect(table_rows(lab)).to_have_count(RUNS)
    await expect(pages).to_contain_text(f"{RUNS} runs")


async def test_on_a_slow_network_a_button_that_is_clicked_twice_asks_once(its_lab, slow_network, root, fresh):
    lab, tag = its_lab, f"twice={fresh}"
    slow_network.stopped = ["POST preparations"]
    await open_history(lab, root / "myIris")
    await table_rows(lab).last.locator("input").check()
    delete = lab.page.get_by_role("button", name="Delete")
    await delete.dblclick()
    await expect(delete).to_be_disabled()
    await lab.toast("is in the bin for 30 days").get_by_role("button", name="Undo").click()
    await expect(table_rows(lab)).to_have_count(RUNS)
    await table_rows(lab).first.get_by_role("button").click()
    await lab.page.get_by_label("New tag").fill(tag)
    await lab.page.get_by_role("button", name="Add tag").dblclick()
    await expect(lab.page.locator(".jp-Workbench-tag")).to_contain_text([tag])
    panel = Panel(lab)
    await panel.show()
    local = panel.item("local, Python")
    for _ in range(2):
        await local.locator(".jp-Workbench-more").click()
        item = lab.page.locator(".lm-Menu").get_by_role("menuitem", name="Prepare the environment")
        await item.click(force=True)
        await lab.page.keyboard.press("Escape")
    slow_network.let_go.set()
    await expect(panel.said).to_contain_text("myIris local")
    changed = {what: count for what, count in slow_network.asked.items() if not what.startswith("GET")}
    assert set(changed.values()) == {1}, changed
    assert len(changed) == 4, changed


async def test_on_a_slow_network_no_cell_runs_on_the_old_kernel(its_lab, slow_network, root):
    lab = its_lab
    write_notebook(root / "myIris" / "slow.ipynb", WHICH_KERNEL)
    await lab.open("myIris/slow.ipynb")
    await lab.until_idle()
    await lab.change_kernel("myIris slow")
    await expect(lab.kernel_name).to_have_text("myIris slow")
    await lab.run_first_cell()
    await lab.toast("myIris slow: ").wait_for()
    (root / "go").touch()
    await expect(lab.page.locator(".jp-OutputArea-output").first).to_have_text("'one of a project'")
    await expect(lab.toast("myIris slow: ")).to_have_count(0)
