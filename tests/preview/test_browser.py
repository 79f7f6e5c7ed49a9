"""The page in a real browser: what is drawn, what acts, and what never runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.commands.processes import started
from tests.preview.shown import FILES, HOSTILE, shown
from tests.project_folder import write_files

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")

MAIN = "/app/dashboards#/view/shown-main"
DETAIL = "/app/dashboards#/view/shown-detail"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with shown(tmp_path_factory.mktemp("shown")) as address:
        yield address


def is_wrong(message: ConsoleMessage) -> bool:
    """Tell what no page should say; an answer that is an error is told by the browser itself."""
    return message.type in ("error", "warning") and not message.text.startswith("Failed to load resource")


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    """Open a page that fails the test for every error in its console and every request to another host."""
    wrong: list[str] = []
    made = browser.new_page(base_url=url, viewport={"width": 1400, "height": 1200})
    made.set_default_timeout(10_000)
    made.on("console", lambda message: wrong.append(message.text) if is_wrong(message) else None)
    made.on("pageerror", lambda error: wrong.append(str(error)))
    made.on("dialog", lambda dialog: wrong.append(f"dialog {dialog.message}"))
    made.on("request", lambda request: None if request.url.startswith((url, "data:")) else wrong.append(request.url))
    yield made
    title = made.title()
    made.close()
    assert title != "owned"
    assert wrong == []


def panel(page: Page, title: str) -> str:
    return page.locator(f'section.panel[aria-label="{title}"] .inside').inner_text()


def total(page: Page, value: str) -> None:
    """Wait until the metric shows a number."""
    page.locator('section.panel[aria-label="Total"] .value', has_text=value).wait_for()


def open_main(page: Page) -> None:
    page.goto(MAIN)
    total(page, "10")


def test_the_list_leads_to_a_dashboard(page: Page) -> None:
    """Titles and descriptions are text; a link leads on, and the crumb back."""
    page.goto("/")
    page.get_by_role("link", name="Main board").click()
    total(page, "10")
    assert page.locator("#crumb").inner_text().endswith("Main board")
    page.locator("#home").click()
    page.get_by_role("heading", name="Visualizations").wait_for()
    assert HOSTILE in page.locator("main").inner_text()


def test_panels_are_drawn(page: Page) -> None:
    """A number, slices, a line, rows, an error that names what cannot be answered, and words."""
    open_main(page)
    assert "60%" in panel(page, "By model")
    assert "Latency" in panel(page, "Over time")
    assert [row.split("\t")[0] for row in panel(page, "Models").splitlines() if "\t" in row][1:3] == ["alpha", "beta"]
    assert "Lucene" in panel(page, "In Lucene")
    assert page.locator("section.panel h1").inner_text().startswith("Words <img")
    assert page.locator("section.panel a").count() == 0


def test_a_single_visualization(page: Page) -> None:
    """Fills the page."""
    page.goto("/app/dashboards#/visualization/shown-total")
    page.locator('input[name="from"]').fill("2026-01-01T00:00:00Z")
    page.locator('input[name="to"]').fill("2026-01-02T00:00:00Z")
    page.get_by_role("button", name="Set times").click()
    page.locator("section.panel .value", has_text="10").wait_for()


def test_a_control_filters(page: Page) -> None:
    """Its choices have their counts; a range narrows too."""
    open_main(page)
    page.locator("summary", has_text="Model: Any").click()
    page.locator(".choices label", has_text="beta").get_by_role("checkbox").check()
    total(page, "3")
    page.locator(".choices label", has_text="beta").get_by_role("checkbox").uncheck()
    total(page, "10")
    page.get_by_label("Latency to").fill("40")
    page.get_by_label("Latency to").press("Enter")
    total(page, "5")


def test_the_times_act(page: Page) -> None:
    """Absolute times, and quick ranges in which there is nothing."""
    open_main(page)
    page.locator('input[name="to"]').fill("2026-01-01T03:30:00Z")
    page.get_by_role("button", name="Set times").click()
    total(page, "4")
    page.get_by_label("Quick range").select_option(label="Last 15 minutes")
    total(page, "0")


def test_kql_filters_and_shows_its_mistakes(page: Page) -> None:
    """The mistake's place is told, and the right query mends it."""
    open_main(page)
    query = page.get_by_label("KQL query")
    query.fill("model: (alpha")
    query.press("Enter")
    page.locator(".query-wrong", has_text="at character 8").wait_for()
    query.fill("model: alpha and latency > 20")
    query.press("Enter")
    total(page, "3")


def test_a_click_filters_and_pills_take_it_back(page: Page) -> None:
    """A row's value becomes a pill; it can be turned round, switched off and removed."""
    open_main(page)
    page.locator('section.panel[aria-label="Models"] td', has_text="beta").first.click()
    total(page, "3")
    page.get_by_role("button", name="Turn round").click()
    total(page, "7")
    page.get_by_title("Switch on or off").click()
    total(page, "10")
    page.get_by_role("button", name="Remove").click()
    page.locator(".pills li").wait_for(state="detached")


def test_a_drilldown_leads_on_with_its_filter(page: Page) -> None:
    """From a slice, with the keyboard and by the menu that Kibana opens too; the other shows that model alone."""
    open_main(page)
    slice_ = page.locator('section.panel[aria-label="By model"] svg [aria-label^="alpha: "]').first
    slice_.focus()
    slice_.press("Enter")
    assert page.get_by_role("menuitem").all_inner_texts() == ["One model", "Apply filter to current view"]
    page.keyboard.press("Enter")
    page.wait_for_url("**/*shown-detail*")
    total(page, "6")
    assert "model: alpha" in page.locator(".pills").inner_text()


def test_a_panel_can_be_inspected(page: Page) -> None:
    """Rows, request, YAML and saved object."""
    open_main(page)
    page.get_by_role("button", name="Inspect Total").click()
    dialog = page.locator("#inspector")
    assert "10" in dialog.locator(".rows").inner_text()
    for tab, words in (("Request", "count"), ("YAML", "type: metric"), ("Saved object", '"type": "lens"')):
        dialog.get_by_role("tab", name=tab).click()
        assert words in dialog.locator("pre").inner_text()
    dialog.get_by_role("button", name="Close").click()
    assert not dialog.is_visible()


def test_what_is_not_there(page: Page) -> None:
    """An unknown id is said in words."""
    page.goto("/")
    with page.expect_response(lambda response: response.url.endswith("/draw")) as answered:
        page.evaluate("location.hash = '#/view/nothing'")
    page.locator(".wrong", has_text="there is no dashboard with the id 'nothing'").wait_for()
    assert answered.value.status == 404


def test_a_save_is_seen_at_once(browser: Browser, tmp_path: Path) -> None:
    """`kbuild preview` draws anew what is saved; an error stands where the panel was."""
    write_files(tmp_path, FILES)
    with started("preview", "--port", "0", folder=tmp_path) as url:
        page = browser.new_page(base_url=url)
        page.goto("/app/dashboards#/view/shown-detail")
        page.locator("section.panel .title", has_text="Total").wait_for()
        file = tmp_path / "visualizations" / "total.yaml"
        good = file.read_text()
        file.write_text(good.replace("title: Total", "title: All of them"))
        page.locator("section.panel .title", has_text="All of them").wait_for(timeout=5000)
        file.write_text(good.replace("operation: count", "operation: cuont"))
        page.locator("section.panel .error", has_text="unknown operation 'cuont'").wait_for(timeout=5000)
        file.write_text(good)
        page.locator("section.panel .value").wait_for(timeout=5000)
        page.close()
