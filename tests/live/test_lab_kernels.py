"""The kernel list of JupyterLab follows `aml_config/`, and a notebook finds the kernel of its own project."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.live
pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.async_api import expect  # noqa: E402 - after the skip

from .lab import Stopwatch, local_project, write_notebook  # noqa: E402

OFFERED_WITHIN_SECONDS = 2.0


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root folder of the server, with two projects."""
    folder = tmp_path_factory.mktemp("lab-kernels")
    for project in ("myIris", "theirs"):
        local_project(folder / project)
    return folder


async def test_a_run_configuration_is_offered_in_the_dialog_within_two_seconds_of_being_saved(lab, root):
    write_notebook(root / "myIris" / "new.ipynb")
    await lab.open("myIris/new.ipynb")
    await expect(lab.kernel_name).to_contain_text("Python 3")
    (root / "myIris" / "aml_config" / "dialog.runconfig").write_text("Target: local\nFramework: Python\n")
    saved = Stopwatch()
    while True:
        await lab.kernel_name.click()
        offered = await lab.dialog.locator("select option").all_inner_texts()
        if "myIris dialog" in offered:
            break
        assert saved.seconds < OFFERED_WITHIN_SECONDS, offered
        await lab.dialog.locator("button.jp-mod-reject").click()
    assert saved.seconds < OFFERED_WITHIN_SECONDS
    await lab.screenshot("dialog")
    await lab.dialog.locator("button.jp-mod-reject").click()


async def test_the_launcher_offers_it_with_the_icon_of_its_framework(lab, root):
    await lab.open()
    (root / "myIris" / "aml_config" / "spark.runconfig").write_text("Target: local\nFramework: PySpark\n")
    saved = Stopwatch()
    card = lab.page.locator(".jp-LauncherCard[title^='myIris spark']").first
    await card.wait_for()
    assert saved.seconds < OFFERED_WITHIN_SECONDS
    await lab.screenshot("launcher")
    icon = card.locator("img")
    await expect(icon).to_have_attribute("src", re.compile("kernelspecs/myiris_spark/logo-svg.svg$"))
    assert await icon.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


async def test_a_notebook_of_another_project_is_offered_the_kernel_of_the_same_name(lab, root):
    write_notebook(root / "myIris" / "shared.ipynb", "%azureml history show", ("colleague_local", "colleague local"))
    await lab.open("myIris/shared.ipynb")
    await expect(lab.dialog).to_contain_text(
        "This notebook was saved with the kernel “colleague local”, which is not here. "
        "“myIris local” is the matching one of its project."
    )
    await lab.screenshot("dialog")
    await lab.dialog.get_by_role("button", name="Use myIris local").click()
    await expect(lab.kernel_name).to_have_text("myIris local")
    await lab.until_idle()
    await lab.run_first_cell()
    await expect(lab.page.locator(".jp-OutputArea-output").first).to_contain_text("History logging is")


async def test_the_sample_that_asks_to_switch_the_kernel_is_offered_the_local_one(lab, root):
    reminder = "Please switch kernel to myproject local"
    write_notebook(root / "myIris" / "sample.ipynb", kernel=(reminder.lower().replace(" ", "_"), reminder))
    await lab.open("myIris/sample.ipynb")
    await lab.dialog.get_by_role("button", name="Use myIris local").click()
    await expect(lab.kernel_name).to_have_text("myIris local")


async def test_another_kernel_can_be_chosen_instead(lab, root):
    write_notebook(root / "myIris" / "other.ipynb", kernel=("colleague_local", "colleague local"))
    await lab.open("myIris/other.ipynb")
    await lab.dialog.get_by_role("button", name="Choose another kernel").click()
    await lab.dialog.locator("select").select_option(label="theirs local")
    await lab.dialog.locator("button.jp-mod-accept").click()
    await expect(lab.kernel_name).to_have_text("theirs local")


async def test_a_kernel_of_another_project_that_is_here_can_be_left_by_a_click(lab, root):
    write_notebook(root / "myIris" / "copied.ipynb", kernel=("theirs_local", "theirs local"))
    await lab.open("myIris/copied.ipynb")
    toast = lab.toast("copied.ipynb runs on a kernel of another project: theirs local.")
    await toast.wait_for()
    await lab.screenshot("toast")
    await toast.get_by_role("button", name="Switch to myIris local").click()
    await expect(lab.kernel_name).to_have_text("myIris local")
    await toast.wait_for(state="detached")


async def test_a_kernel_that_is_of_no_project_is_left_to_jupyterlab(lab, root):
    write_notebook(root / "myIris" / "foreign.ipynb", kernel=("my_env", "Python (my_env)"))
    await lab.open("myIris/foreign.ipynb")
    await expect(lab.dialog.locator("select")).to_be_visible()
    await lab.dialog.locator("button.jp-mod-reject").click()
