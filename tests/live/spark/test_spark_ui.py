"""The Spark UI of a kernel in a real browser: whether Spark's pages work in their sandbox, and what that keeps in."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_workbench.targets.spark_ui import leave, socket_of

from ..docker.projects import build
from ..jupyter import Server, running_server
from ..lab import Lab

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]
pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.async_api import Page, expect  # noqa: E402 - after the skip

PYTHONS = [path for path in os.environ.get("WORKBENCH_TEST_SPARK_PYTHON", "").split(os.pathsep) if path]
"""Each one has pyspark and ipykernel."""

PATIENCE_MS = 60_000
TRIES = 20

SPARK = """\
import os
os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
from pyspark.sql import SparkSession
builder = SparkSession.builder.master("local[1]").config("spark.ui.port", "0")
spark = builder.config("spark.ui.showConsoleProgress", "false").getOrCreate()
kept = spark.sparkContext.parallelize(range(99), 2).map(lambda x: (x % 7, x)).reduceByKey(max).cache()
kept.collect()
spark.range(99).groupBy("id").count().collect()
port = int(spark.sparkContext.uiWebUrl.rpartition(":")[2])
"""

HOSTILE = """\
import http.server, threading
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        for header in {headers!r}:
            self.send_header(*header)
        self.end_headers()
        self.wfile.write({page!r}.encode() if self.path == "/" else b"")
        asked.append(self.path + str(self.headers))
    def log_message(self, *_):
        pass
asked = []
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
threading.Thread(target=server.serve_forever, daemon=True).start()
port = server.server_port
"""

FORWARD = "from workbench_kernel.spark import ui; forwarder = ui.forward({place!r}, port)"


@dataclass
class Ui:
    """A kernel with a UI, and what a browser met there."""

    server: Server
    page: Page
    kernel: Any
    url: str
    troubles: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        self.page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        self.page.on("requestfailed", lambda request: self.troubles.append(f"failed: {request.failure} {request.url}"))
        self.page.on("response", self._note)

    def _note(self, response: Any) -> None:
        if response.status >= 400:
            self.troubles.append(f"{response.status} {response.url}")

    async def log_in(self) -> None:
        await self.page.goto(f"{self.server.url}login?token={self.server.token}")

    async def visit(self, path: str, link: str | None = None) -> None:
        """Open a page with all its parts, and follow a link there.

        Once more where Chromium gave up because another network came or went.
        """
        for _ in range(TRIES):
            self.troubles.clear()
            await self.page.goto(f"{self.url}{path}", wait_until="networkidle")
            if link is not None:
                await self.page.get_by_role("link", name=link).click()
                await self.page.wait_for_load_state("networkidle")
            if not any("ERR_NETWORK_CHANGED" in trouble for trouble in self.troubles):
                return
        pytest.fail(f"the networks of this machine did not stand still: {self.troubles}")


@pytest.fixture(params=[pytest.param(path, id=Path(path).parent.parent.name) for path in PYTHONS] or [None])
def python(request: pytest.FixtureRequest) -> str:
    """A Python with Spark."""
    if request.param is None:
        pytest.skip("WORKBENCH_TEST_SPARK_PYTHON names no Python with pyspark")
    return str(request.param)


@pytest.fixture
def a_ui(write_project: Callable[..., Path], page: Page) -> Iterator[Callable[..., Any]]:
    """Start a local kernel, let it run a cell that leaves a ``port``, and let that be its UI."""
    left: list[str] = []

    @asynccontextmanager
    async def start(cell: str, compute: str = "") -> AsyncIterator[Ui]:
        project = write_project(**({"local__compute": f"type: local\n{compute}"} if compute else {}))
        with running_server(project) as server:
            kernel_id = await server.start_kernel("myiris_local")
            left.append(kernel_id)
            place = socket_of(kernel_id)
            place.parent.parent.mkdir(mode=0o700, exist_ok=True)
            place.parent.mkdir(mode=0o700, exist_ok=True)
            async with server.kernel(kernel_id) as kernel:
                for code in (cell, FORWARD.format(place=str(place))):
                    assert (await kernel.run(code)).error == ""
                ui = Ui(server, page, kernel, f"{server.url}workbench/spark/{kernel_id}")
                ui.watch()
                yield ui

    yield start
    for kernel_id in left:
        leave(kernel_id)


async def test_every_page_of_spark_works_in_its_sandbox(a_ui, python):
    async with a_ui(SPARK, f"pythonLocation: {python}\n") as ui:
        await ui.log_in()
        rows = ui.page.locator("table tbody tr")
        for path, text, least in [
            ("/jobs/", "Completed Jobs", 2),
            ("/jobs/job/?id=0", "Details for Job 0", 2),
            ("/stages/", "Stages for All Jobs", 2),
            ("/stages/stage/?id=0&attempt=0", "Details for Stage 0", 2),
            ("/storage/", "RDDs", 1),
            ("/environment/", "Spark Properties", 10),
            ("/executors/", "Executors", 4),
            ("/SQL/", "collect at", 1),
            ("/SQL/execution/?id=0", "Details for Query 0", 0),
            ("/executors/threadDump/?executorId=driver", "Thread dump", 10),
        ]:
            await ui.visit(path)
            await expect(ui.page.locator("body")).to_contain_text(text)
            assert (path, ui.troubles) == (path, [])
            assert await ui.page.evaluate("[self.origin, document.referrer]") == ["null", ""]
            assert await rows.count() >= least, path


async def test_what_scripts_of_spark_draw_is_drawn(a_ui, python):
    async with a_ui(SPARK, f"pythonLocation: {python}\n") as ui:
        await ui.log_in()
        await ui.visit("/stages/stage/?id=0&attempt=0")
        await ui.page.get_by_text("DAG Visualization").click()
        await expect(ui.page.locator("#dag-viz-graph svg g.node").first).to_be_visible()
        await expect(ui.page.locator("#active-tasks-table tbody tr")).to_have_count(2)
        await ui.visit("/jobs/")
        await ui.page.get_by_text("Event Timeline").click()
        await expect(ui.page.locator("#application-timeline .vis-item").first).to_be_visible()
        await ui.visit("/SQL/execution/?id=0")
        await expect(ui.page.locator("#plan-viz-graph svg g").first).to_be_visible()
        assert ui.troubles == []


async def test_a_link_leads_to_an_address_without_a_secret(a_ui, python):
    async with a_ui(SPARK, f"pythonLocation: {python}\n") as ui:
        await ui.page.goto(f"{ui.url}/?token={ui.server.token}")
        assert ui.page.url == f"{ui.url}/jobs/"
        await ui.visit("/jobs/", link="Executors")
        await expect(ui.page.locator("body")).to_contain_text("Thread Dump")
        assert ui.page.url == f"{ui.url}/executors/"


async def test_who_is_not_logged_in_sees_the_login(a_ui):
    async with a_ui(HOSTILE.format(headers=[], page="secret")) as ui:
        await ui.page.goto(f"{ui.url}/")
        await expect(ui.page.locator("#password_input")).to_be_visible()
        assert (await ui.kernel.run("asked")).text == "[]"


ATTACK = """<!DOCTYPE html><body>waiting<script>
const root = location.pathname.split('workbench')[0], told = {};
const tried = async (name, attempt) => {
  try { told[name] = await attempt() } catch (error) { told[name] = error.name }
};
const socket = path => new Promise(done => {
  const s = new WebSocket('ws://' + location.host + root + path);
  s.onopen = () => done('open'); s.onerror = () => done('refused');
});
const frame = () => new Promise(done => {
  const f = document.createElement('iframe'); f.src = root + 'lab';
  f.onload = () => done(f.contentDocument ? 'read' : 'not read'); document.body.append(f);
});
(async () => {
  await tried('cookie', () => document.cookie);
  await tried('storage', () => localStorage.length);
  await tried('database', () => indexedDB.open('x') && 'open');
  await tried('worker', () => navigator.serviceWorker.register('sw.js'));
  await tried('contents', async () => (await fetch(root + 'api/contents', {credentials: 'include'})).status);
  await tried('shutdown', async () => (await fetch(root + 'api/shutdown', {method: 'POST', mode: 'no-cors',
    credentials: 'include'})).type);
  await tried('page', async () => (await fetch(location.href, {credentials: 'include'})).status);
  await tried('elsewhere', async () => (await fetch('http://example.invalid/')).status);
  await tried('opener', () => { opener.location = 'about:blank'; return 'led away' });
  await tried('socket', () => socket('api/events/subscribe'));
  await tried('frame', frame);
  document.title = 'done'; document.body.textContent = JSON.stringify(told);
})();
</script></body>"""

NOT_ITS_OWN = [
    ("Content-Type", "text/html"),
    ("Content-Security-Policy", "default-src *; sandbox allow-scripts allow-same-origin"),
    ("Set-Cookie", "_xsrf=mine; Path=/"),
    ("Access-Control-Allow-Origin", "*"),
]


async def test_a_page_that_a_kernel_has_bent_reaches_nothing_of_jupyters(a_ui):
    async with a_ui(HOSTILE.format(headers=NOT_ITS_OWN, page=ATTACK)) as ui:
        await ui.log_in()
        await ui.page.goto(f"{ui.server.url}login")  # a page of Jupyter's opens the UI
        async with ui.page.expect_popup() as popup:
            await ui.page.evaluate(f"void window.open('{ui.url}/?token={ui.server.token}')")
        page = await popup.value
        await expect(page).to_have_title("done", timeout=PATIENCE_MS)
        told = await page.evaluate("JSON.parse(document.body.textContent)")
        told.pop("frame")  # how a refused frame ends differs
        assert told == {
            "cookie": "SecurityError",
            "storage": "SecurityError",
            "database": "SecurityError",
            "worker": "SecurityError",
            "contents": "TypeError",
            "shutdown": "opaque",
            "page": "TypeError",
            "elsewhere": "TypeError",
            "opener": "SecurityError",
            "socket": "refused",
        }
        assert ui.page.url.startswith(ui.server.url)
        assert "_xsrf=mine" not in str(await page.context.cookies())
        seen = (await ui.kernel.run("''.join(asked)")).text
        assert "Cookie" not in seen
        assert ui.server.token not in seen
        assert ui.server.process.poll() is None  # nobody has shut it down


LINK = """\
from IPython.display import HTML
HTML('<a href="/workbench/spark/no-kernel/" target="_blank" rel="noopener">Open the Spark UI</a>')
"""


async def test_a_link_in_an_output_of_jupyterlab_leads_to_a_tab_of_its_own(a_project, a_server, page):
    kernelspec = {"name": "myiris_local", "display_name": "myIris local", "language": "python"}
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(LINK)], metadata={"kernelspec": kernelspec})
    nbformat.write(book, a_project / "iris.ipynb")
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    lab = Lab(page, a_server, "a-link-to-the-spark-ui")
    await lab.open("iris.ipynb")
    await lab.until_idle()
    await lab.run_first_cell()
    async with page.expect_popup() as popup:
        await page.get_by_role("link", name="Open the Spark UI").click()
    ui = await popup.value
    await expect(ui.locator("body")).to_have_text(
        "expected the id of a kernel of this server, got no-kernel - GET /api/kernels lists them"
    )
    assert ui.url == f"{a_server.url}workbench/spark/no-kernel/"
    assert a_server.token not in await ui.evaluate("document.referrer")


async def test_the_ui_of_a_container_without_a_network_is_one_click_away(
    spark_project, lasting_engine_environment, page
):
    project = spark_project(compute="memory: 2g\nnetwork: none\n")
    await build(project)
    await look_at_the_ui_of(project, "myiris_docker", page)


async def test_the_ui_of_a_local_kernel_is_one_click_away(local_spark_project, python, page):
    await look_at_the_ui_of(local_spark_project(compute=f"pythonLocation: {python}\n"), "myiris_local", page)


async def look_at_the_ui_of(project: Path, name: str, page: Page) -> None:
    """Follow the way that a user goes, from the first cell to the end of Spark."""
    with running_server(project) as server:
        kernel_id = await server.start_kernel(name)
        async with server.kernel(kernel_id) as kernel:
            assert (await kernel.run("print(spark.range(1000).count())")).text == "1000\n"
            await kernel.run("%azureml spark")
            shown = [str(message["content"].get("data")) for message in kernel.messages]
            assert any(f'href="/workbench/spark/{kernel_id}/"' in data for data in shown)
            ui = Ui(server, page, kernel, f"{server.url}workbench/spark/{kernel_id}")
            ui.watch()
            await ui.log_in()
            await ui.visit("/jobs/", link="Executors")
            await expect(page.locator("#active-executors-table tbody tr")).to_have_count(1)
            assert ui.troubles == []
            assert (await kernel.run("spark.stop()")).error == ""
            await page.goto(f"{ui.url}/")
            await expect(page.locator("body")).to_contain_text("Spark does not run in the kernel myIris ")
        await server.json("DELETE", f"api/kernels/{kernel_id}")
    leave(kernel_id)
