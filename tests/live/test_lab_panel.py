"""The panel in the left bar: projects, compute targets and kernels, in a real browser with real kernels."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from .jupyter import Server, running_server

pytestmark = pytest.mark.live
pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.async_api import expect  # noqa: E402 - after the skip

from .lab import PATIENCE_MS, Lab, a_lab, local_project, name_of, write_notebook  # noqa: E402


class Panel:
    """The panel of one page."""

    def __init__(self, lab: Lab) -> None:
        self.lab, self.page = lab, lab.page
        self.tree = lab.page.get_by_role("tree", name="Projects of the workbench")
        self.said = lab.page.locator(".jp-Workbench-panel-said")

    async def show(self) -> None:
        """Click on its icon in the left bar."""
        await self.page.locator(".jp-SideBar [data-id='jp-workbench-panel']").click()
        await self.tree.wait_for()

    def item(self, name: str | re.Pattern[str]) -> Any:
        """Return the item that is read out so, from its beginning on."""
        beginning = re.compile(f"^{re.escape(name)}") if isinstance(name, str) else name
        return self.tree.get_by_role("treeitem", name=beginning)

    async def choose(self, item: Any, command: str) -> None:
        """Pick from the menu of an item."""
        await item.locator(".jp-Workbench-more").click()
        await self.page.locator(".lm-Menu").get_by_role("menuitem", name=command).click()

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            await self.page.keyboard.press(key)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root folder of the server, with a project."""
    folder = tmp_path_factory.mktemp("lab-panel")
    local_project(folder / "myIris")
    return folder


@pytest.fixture
async def no_kernel_is_left(server: Server) -> AsyncIterator[None]:
    """Shut all kernels down once the page of a test is closed: the next test sees none, nor another try of this one."""
    yield
    for kernel in await server.json("GET", "api/kernels"):
        await server.request("DELETE", f"api/kernels/{kernel['id']}")


@pytest.fixture
async def panel(no_kernel_is_left: None, lab: Lab) -> Panel:
    """Its panel, not shown yet."""
    await lab.open()
    return Panel(lab)


async def test_a_project_is_shown_with_its_compute_target_and_its_run_configuration(panel):
    await panel.show()
    names = [await item.get_attribute("aria-label") for item in await panel.tree.get_by_role("treeitem").all()]
    assert names[0] == "myIris"
    await expect(panel.item("local, this machine, Compute target running, Kernel not connected")).to_be_visible()
    await expect(panel.item("local, Python, Kernel not connected, Environment nothing to prepare")).to_be_visible()
    await panel.lab.screenshot("panel")


async def test_a_project_that_is_new_appears_by_itself(panel, root):
    await panel.show()
    settings = local_project(root / "theirs")
    await panel.item("theirs").wait_for()
    for file in settings.iterdir():
        file.unlink()
    settings.rmdir()
    await panel.item("theirs").wait_for(state="detached")


async def test_a_kernel_that_was_started_here_turns_idle_and_busy_and_is_shut_down(panel):
    await panel.show()
    await panel.choose(panel.item("local, Python"), "New notebook with this run configuration")
    await expect(panel.lab.kernel_name).to_have_text("myIris local")
    await panel.item("local, Python, Kernel connected, idle").wait_for()
    await panel.page.locator(".jp-NotebookPanel .jp-Cell .cm-content").first.click()
    await panel.page.keyboard.type("import time; time.sleep(600)")
    await panel.lab.run_first_cell()
    await panel.item("local, this machine, Compute target running, Kernel connected, busy").wait_for()
    kernel = panel.item(re.compile(r"^Untitled.*\.ipynb, \d+ MB.*Kernel connected, busy$"))
    await kernel.wait_for()
    await panel.lab.screenshot("busy")
    await panel.choose(kernel, "Interrupt the kernel")
    await panel.item("local, Python, Kernel connected, idle").wait_for()
    await panel.choose(panel.item(re.compile(r"^Untitled")), "Shut the kernel down…")
    await panel.lab.dialog.get_by_role("button", name="Shut Down").click()
    await panel.item("local, Python, Kernel not connected").wait_for()


@pytest.fixture
def a_broken_file(root: Path) -> Iterator[Path]:
    """Where a test writes a run configuration that does not stay."""
    file = root / "myIris" / "aml_config" / "broken.runconfig"
    yield file
    file.unlink(missing_ok=True)


async def test_a_problem_appears_and_a_click_opens_its_line(panel, a_broken_file):
    await panel.show()
    a_broken_file.write_text("# a comment\nTarget: local\nFramework: Pythn\n")
    problem = panel.item(re.compile(r"^aml_config.broken\.runconfig:3, Framework: "))
    await problem.wait_for()
    await expect(panel.item("broken, has problems")).to_be_visible()
    await panel.lab.screenshot("problem")
    await problem.get_by_role("button", name="aml_config/broken.runconfig:3").click()
    await expect(panel.page.get_by_role("button", name="Ln 3, Col 1")).to_be_visible()
    await expect(panel.page.locator("#jp-main-statusbar")).to_contain_text("broken.runconfig")
    a_broken_file.write_text("Target: local\nFramework: Python\n")
    await problem.wait_for(state="detached")


async def test_a_failed_start_is_told_whole_below_its_run_configuration_and_leads_to_its_files(panel, a_broken_file):
    lab, page = panel.lab, panel.page
    a_broken_file.write_text("Target: nowhere\nTrackedRun: maybe\nFramework: Python\n")
    await panel.show()
    await panel.item("broken, Python, has problems").wait_for()
    await lab.server.request("POST", "api/kernels", {"name": "myiris_broken"})
    failure = panel.item("The last start failed, myIris broken cannot start:")
    for line in ("aml_config/broken.runconfig:1: Target: ", "aml_config/broken.runconfig:2: TrackedRun: "):
        await expect(failure).to_contain_text(line)
    await expect(panel.said).to_have_text("myIris broken did not start: the reason stands below it.")
    await lab.screenshot("failure")
    await lab.command("Show Workbench")
    await expect(panel.item(re.compile("^myIris$"))).to_be_focused()
    await panel.press("End", "ArrowLeft")
    await expect(failure).to_be_focused()
    await panel.press("Enter")
    await expect(lab.dialog.locator(".jp-Workbench-reason")).to_contain_text(
        "aml_config/broken.runconfig:2: TrackedRun: "
    )
    await lab.screenshot("reason")
    await panel.press("Escape")
    await lab.dialog.wait_for(state="detached")
    await expect(failure).to_be_focused()
    await panel.press("ArrowRight", "Enter")
    await expect(page.get_by_role("button", name="Ln 1, Col 1")).to_be_visible()
    await expect(page.locator("#jp-main-statusbar")).to_contain_text("broken.runconfig")
    second = panel.item(re.compile(r"^aml_config.broken\.runconfig:2$"))
    await second.get_by_role("button", name="aml_config/broken.runconfig:2").click()
    await expect(page.get_by_role("button", name="Ln 2, Col 1")).to_be_visible()
    await panel.choose(failure, "Show log")
    await expect(page.get_by_role("log", name="Start of myIris broken")).to_contain_text("Failed after")
    await lab.screenshot("log")


async def test_a_failed_start_is_shown_in_a_page_that_is_opened_later_and_not_told_again(panel, a_broken_file):
    a_broken_file.write_text("Target: nowhere\nFramework: Python\n")
    await panel.show()
    await panel.item("broken, Python, has problems").wait_for()
    await panel.lab.server.request("POST", "api/kernels", {"name": "myiris_broken"})
    failure = panel.item("The last start failed, myIris broken cannot start:")
    await failure.wait_for()
    await panel.lab.open()
    await panel.show()
    await expect(failure).to_contain_text("aml_config/broken.runconfig:1: Target: ")
    await expect(panel.lab.toast("myIris broken")).to_have_count(0)


async def test_the_menu_of_a_project_leads_to_its_run_history(panel):
    await panel.show()
    await panel.choose(panel.item(re.compile("^myIris$")), "Run history of this project")
    await panel.page.locator(".lm-TabBar-tab", has_text="Runs of myIris").wait_for()
    await panel.page.locator(".jp-Workbench-history").wait_for()


async def test_what_a_preparation_did_is_said(panel):
    await panel.show()
    await panel.choose(panel.item("local, Python"), "Prepare the environment")
    await expect(panel.said).to_contain_text("myIris local needs no preparation: its kernel runs in ")


@pytest.fixture
def silent_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """An engine that takes requests and never answers."""
    address = tmp_path / "engine.sock"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{address}")
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        listener.listen()
        yield listener


async def test_a_preparation_is_shown_and_cancelled(page, write_project, silent_engine, request):
    project = write_project(
        docker__compute="type: localdocker\n", docker__runconfig="Target: docker\nFramework: Python\n"
    )
    expect.set_options(timeout=PATIENCE_MS)
    with running_server(project.parent) as server:
        async with a_lab(page, server, name_of(request)) as lab:
            await lab.open()
            panel = Panel(lab)
            await panel.show()
            await panel.choose(panel.item("docker, Python"), "Prepare the environment")
            await panel.item(
                re.compile(
                    r"^docker, Python, Connecting to the Docker engine \(\d+ s\), .*, Environment being prepared$"
                )
            ).wait_for()
            await panel.item("docker, Docker, Compute target setting up").wait_for()
            await lab.screenshot("preparing")
            await panel.choose(panel.item("docker, Python"), "Cancel what is being prepared")
            await expect(panel.said).to_have_text("The preparation of myIris docker was cancelled.")
            silent_engine.close()
            await panel.item("docker, Docker, Compute target stopped").wait_for()


async def test_the_test_of_a_compute_target_is_told_check_by_check(panel):
    await panel.show()
    await panel.choose(panel.item("local, this machine"), "Test the compute target")
    await expect(panel.lab.dialog).to_contain_text("Python: all well")
    await panel.lab.dialog.get_by_role("button", name="Close").click()
    await expect(panel.said).to_have_text("local can run kernels.")


async def test_the_details_of_a_compute_target_are_all_its_settings(panel):
    await panel.show()
    await panel.choose(panel.item("local, this machine"), "Details of the compute target")
    for text in ("aml_config/local.compute", "Cores", "Memory", "Disk", sys.executable, "nativeSharedDirectory"):
        await expect(panel.lab.dialog).to_contain_text(text)
    await panel.lab.screenshot("details")
    await panel.lab.dialog.get_by_role("button", name="Close").click()


async def test_a_compute_target_is_attached_with_its_mistakes_told_while_typing_and_detached(panel, root):
    settings = root / "myIris" / "aml_config"
    await panel.show()
    await panel.choose(panel.item(re.compile("^myIris$")), "Attach a compute target…")
    dialog = panel.lab.dialog
    attach = dialog.get_by_role("button", name="Attach")
    await expect(attach).to_be_disabled()
    await dialog.get_by_label("Name", exact=True).fill("local")
    await expect(dialog.get_by_role("alert")).to_have_text(
        "expected a new name, got local, which aml_config/local.compute has - choose another one"
    )
    await dialog.get_by_label("Name", exact=True).fill("big")
    await dialog.get_by_label("Most memory of a kernel").fill("lots")
    await expect(dialog.get_by_label("Most memory of a kernel")).to_have_attribute("aria-invalid", "true")
    await expect(dialog.get_by_role("alert")).to_have_text(
        "expected an amount of memory, got `lots` - write it as `4g` or `512m`"
    )
    await panel.lab.screenshot("mistake")
    await expect(attach).to_be_disabled()
    await dialog.get_by_label("Kind").select_option("local")
    await dialog.get_by_label("Python", exact=True).fill(sys.executable)
    await expect(attach).to_be_enabled()
    await panel.lab.screenshot("attaching")
    await attach.click()
    await expect(panel.said).to_have_text("Written: aml_config/big.compute, aml_config/big.runconfig.")
    assert f"pythonLocation: {sys.executable}\n" in (settings / "big.compute").read_text()
    await panel.item("big, Python, Kernel not connected").wait_for()
    await panel.choose(panel.item("big, this machine"), "Detach the compute target…")
    await expect(dialog).to_contain_text("aml_config/big.compute and the run configuration of its name are removed")
    await panel.lab.screenshot("detaching")
    await dialog.get_by_role("button", name="Detach").click()
    await expect(panel.said).to_have_text("Removed aml_config/big.runconfig.\nRemoved aml_config/big.compute.")
    await panel.item("big, this machine").wait_for(state="detached")
    assert sorted(file.name for file in settings.iterdir() if file.is_file()) == ["local.compute", "local.runconfig"]


async def test_a_compute_target_that_others_use_is_not_detached(panel, root):
    other = root / "myIris" / "aml_config" / "other.runconfig"
    other.write_text("Target: local\nFramework: Python\n")
    try:
        await panel.show()
        await panel.item("other, Python").wait_for()
        await panel.choose(panel.item("local, this machine"), "Detach the compute target…")
        await expect(panel.lab.dialog).to_contain_text("These run configurations use it: other.")
        await panel.lab.dialog.get_by_role("button", name="Close").click()
    finally:
        other.unlink()
    assert (root / "myIris" / "aml_config" / "local.compute").exists()


async def test_a_python_of_this_machine_offers_no_start_and_no_stop(panel):
    await panel.show()
    await panel.item("local, this machine").locator(".jp-Workbench-more").click()
    menu = panel.page.locator(".lm-Menu")
    await expect(menu.get_by_role("menuitem", name="Detach the compute target…")).to_be_visible()
    await expect(menu.get_by_role("menuitem", name=re.compile("Start the|Stop the"))).to_have_count(0)
    await panel.press("Escape")


async def test_everything_is_reached_by_keys_alone(panel, root):
    write_notebook(root / "myIris" / "keys.ipynb")
    page = panel.page
    await page.get_by_role("tab", name="Workbench").wait_for()
    await panel.lab.command("Show Workbench")
    project = panel.item(re.compile("^myIris$"))
    await expect(project).to_be_focused()
    await panel.press("ArrowLeft")
    await expect(project).to_have_attribute("aria-expanded", "false")
    await panel.press("ArrowRight", "ArrowDown")
    await expect(panel.item("local, this machine")).to_be_focused()
    await panel.press("ArrowRight")
    configuration = panel.item("local, Python")
    await expect(configuration).to_be_focused()
    await panel.press("Shift+F10")
    await expect(page.locator(".lm-Menu")).to_be_visible()
    await panel.press("Escape")
    await expect(configuration).to_be_focused()
    await panel.press("Shift+F10")
    await page.locator(".lm-Menu").wait_for()
    await panel.press("e")  # the first that begins so
    await expect(page.locator(".lm-Menu .lm-mod-active .lm-Menu-itemLabel")).to_have_text("Edit the run configuration")
    await panel.press("Enter")
    await expect(page.locator(".jp-FileEditor .cm-content")).to_contain_text("Target: local")
    stops = await panel.tree.locator("[tabindex='0']").count()
    assert stops == 1
