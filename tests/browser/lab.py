"""JupyterLab in the browser: what a person does there, by the names that they see."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.journey import START_SECONDS

LAB_SECONDS = 60.0
"""Limit of JupyterLab's first page: the browser loads and runs several megabytes of it."""
KERNEL_SECONDS = 45.0


def wait_open(page: Page) -> None:
    """Wait until JupyterLab can be used, its server's start included."""
    page.wait_for_url(re.compile(r"/user/[^/]+/lab"), timeout=START_SECONDS * 1000)
    expect(page.get_by_role("menubar"), "JupyterLab's menu").to_be_visible(timeout=LAB_SECONDS * 1000)
    expect(page.locator("#jupyterlab-splash"), "JupyterLab's splash").to_have_count(0, timeout=LAB_SECONDS * 1000)


def launcher(page: Page) -> Locator:
    """Return the launcher's cards of notebooks, one for each kernel: what a new user sees first."""
    return page.locator('.jp-LauncherCard[data-category="Notebook"]')


def new_notebook(page: Page) -> None:
    """Make a notebook by the launcher's first card, and wait for its kernel."""
    launcher(page).first.click()
    wait_kernel(page)


def open_file(page: Page, name: str) -> None:
    """Open a file by a double click in the file browser."""
    listed(page, name).dblclick()


def listed(page: Page, name: str) -> Locator:
    """Return a file's entry in the file browser."""
    return page.locator(".jp-DirListing-item").filter(has_text=name)


def wait_kernel(page: Page) -> None:
    """Wait until the open notebook's kernel is idle: it has answered through its websocket."""
    # The status bar's words: the circle beside the kernel's name looks idle before there is a kernel.
    status = page.get_by_title("Change kernel for").filter(has_text="|")
    expect(status, "the kernel's state in the status bar").to_have_text(
        re.compile(r"\| Idle$"), timeout=KERNEL_SECONDS * 1000
    )


def cells(page: Page) -> Locator:
    """Return the cells of the open notebook that are shown; an empty one from before it was loaded may be there too."""
    return page.locator(".jp-NotebookPanel:visible .jp-Notebook .jp-Cell:visible")


def run_cell(page: Page, number: int, code: str = "") -> Locator:
    """Type `code` into a cell, run it with Shift+Enter, and return its output; without code, run what is there."""
    cell = cells(page).nth(number)
    cell.locator(".cm-content").click()
    # All at once: typed key by key, the editor would close brackets and indent by itself.
    page.keyboard.insert_text(code)
    page.keyboard.press("Shift+Enter")
    prompt = cell.locator(".jp-InputPrompt")
    expect(prompt, f"cell {number} to have run").to_have_text(re.compile(r"\[\d+\]:"), timeout=KERNEL_SECONDS * 1000)
    return cell.locator(".jp-OutputArea-output")


def save_as(page: Page, name: str) -> None:
    """Save the open notebook for the first time, with the name that JupyterLab then asks for."""
    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(name)
    dialog.get_by_role("button", name="Rename").click()
    expect(dialog, "the dialog that asks for the notebook's name").to_have_count(0)
    expect(listed(page, name), f"{name} in the file browser").to_be_visible()
