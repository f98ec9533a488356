"""What axe-core finds in a page that people who see, hear or point less well cannot use, restricted to what is ours.

The rules are those of WCAG 2.1, levels A and AA, which https://dequeuniversity.com/rules/axe/ explains.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]

CHECK = """
async standards => {
    const finite = animation => animation.effect.getComputedTiming().endTime !== Infinity;
    const animations = document.getAnimations().filter(finite).map(animation => animation.finished);
    await Promise.allSettled(animations);
    const ours = '[class*="jp-Workbench"]';
    const shown = node => node.checkVisibility({ visibilityProperty: true });
    const outermost = [...document.querySelectorAll(ours)].filter(node => !node.parentElement.closest(ours));
    const dialogs = [...document.querySelectorAll('.jp-Dialog-content')].filter(node => node.querySelector(ours));
    const toasts = [...document.querySelectorAll('.Toastify__toast')];
    const include = [...outermost, ...dialogs, ...toasts].filter(shown);
    if (include.length === 0) {
        return [];
    }
    const runOnly = { type: 'tag', values: standards };
    const { violations } = await axe.run({ include }, { runOnly, resultTypes: ['violations'] });
    return violations.flatMap(({ id, impact, help, nodes }) =>
        nodes.map(({ html, failureSummary }) => ({ id, impact, help, html, failureSummary }))
    );
}
"""
"""Checks our widgets, toasts, and dialogs with something of ours in them; colours count when they have settled."""


async def violations_in(page: Any) -> list[str]:
    """Return what is wrong with what is ours on the page now, each as the rule, the element and what to do."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_axe())
    found = await page.evaluate(CHECK, STANDARDS)
    return ["{id} ({impact}): {help}\n  {html}\n  {failureSummary}".format_map(one) for one in found]


@cache
def _axe() -> str:
    package = find_spec("axe_playwright_python")
    if package is None or package.origin is None:
        pytest.skip("axe-playwright-python is not installed")
    return (Path(package.origin).parent / "axe.min.js").read_text(encoding="utf-8")
