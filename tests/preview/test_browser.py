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
    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Route

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")

MAIN = "/app/dashboards#/view/shown-main"
DETAIL = "/app/dashboards#/view/shown-detail"
ACTING = "/app/dashboards#/view/shown-acts"
CHARTS = "/app/dashboards#/view/shown-charts"


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


def value(page: Page, title: str, number: str) -> None:
    """Wait until a metric shows a number."""
    page.locator(f'section.panel[aria-label="{title}"] .tiles text', has_text=number).wait_for()


def total(page: Page, number: str) -> None:
    value(page, "Total", number)


def enter(place: Locator, words: str) -> None:
    """Type words into a field and press Enter."""
    place.fill(words)
    place.press("Enter")


def open_main(page: Page) -> None:
    page.goto(MAIN)
    total(page, "10")


def open_detail(page: Page) -> None:
    page.goto(DETAIL)
    total(page, "10")


def open_acting(page: Page) -> None:
    page.goto(ACTING)
    total(page, "6")


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
    page.locator("section.panel .tiles", has_text="10").wait_for()


def test_a_control_filters(page: Page) -> None:
    """Its choices have their counts; a range narrows too."""
    open_main(page)
    page.locator("summary", has_text="Model: Any").click()
    page.locator(".choices label", has_text="beta").get_by_role("checkbox").check()
    total(page, "3")
    page.locator(".choices label", has_text="beta").get_by_role("checkbox").uncheck()
    total(page, "10")
    enter(page.get_by_label("Latency to"), "40")
    total(page, "5")


def test_the_times_act(page: Page) -> None:
    """Absolute times, and quick ranges in which there is nothing."""
    open_detail(page)
    page.locator('input[name="to"]').fill("2026-01-01T03:30:00Z")
    page.get_by_role("button", name="Set times").click()
    total(page, "4")
    page.get_by_label("Quick range").select_option(label="Last 15 minutes")
    total(page, "0")


def test_kql_filters_and_shows_its_mistakes(page: Page) -> None:
    """The mistake's place is told, and the right query mends it."""
    open_detail(page)
    query = page.get_by_label("KQL query")
    enter(query, "model: (alpha")
    page.locator(".query-wrong", has_text="at character 8").wait_for()
    enter(query, "model: alpha and latency > 20")
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


MARKS = {
    "Mosaic": ".mark-rect [aria-label^='quick › alpha: ']",
    "Heatmap": ".mark-rect [aria-label^='alpha · '] >> nth=1",
    "Tags": ".mark-text [aria-label='alpha: 6']",
}
"""A mark in each chart, of those that are not made of slices, rows or points."""


def test_a_click_on_a_mark_filters(page: Page) -> None:
    """A rectangle, a cell and a word, by what they stand for; beside the pointer are their words."""
    page.goto(CHARTS)
    total(page, "10")
    for chart, place in MARKS.items():
        mark = page.locator(f'section.panel[aria-label="{chart}"] svg').locator(place)
        mark.hover()
        assert page.locator(".tip").inner_text() == mark.get_attribute("aria-label")
        mark.click()
        total(page, "6")
        page.get_by_role("button", name="Remove").click()
        total(page, "10")
    negative = page.locator('section.panel[aria-label="Negative"] [role="alert"]')
    assert negative.inner_text() == "Treemap chart can't render with negative values."


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
    """An unknown id is said in words, and asked for once: after that only whether something has changed."""
    page.goto("/")
    with page.expect_response(lambda response: response.url.endswith("/draw")) as answered:
        page.evaluate("location.hash = '#/view/nothing'")
    page.locator(".wrong", has_text="there is no dashboard with the id 'nothing'").wait_for()
    assert answered.value.status == 404
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    for _ in range(2):
        page.wait_for_event("requestfinished")
    assert asked == ["version", "version"]


def test_what_was_chosen_stands_in_the_address(page: Page, browser: Browser) -> None:
    """A reload and another tab find it, and the back button takes one choice after another back."""
    open_detail(page)
    saved = page.url
    query, end = page.get_by_label("KQL query"), page.locator('input[name="to"]')
    enter(query, "model: alpha")
    total(page, "6")
    enter(end, "2026-01-01T02:30:00Z")
    total(page, "3")
    assert "_a=(" in page.url
    page.reload()
    total(page, "3")
    assert query.input_value() == "model: alpha"
    other = browser.new_page()
    other.goto(page.url)
    total(other, "3")
    other.close()
    page.go_back()
    total(page, "6")
    assert end.input_value() == "2026-01-02T00:00:00Z"
    page.go_back()
    total(page, "10")
    assert page.url == saved


def test_an_address_made_by_kibana(page: Page) -> None:
    """Its times, interval, query and filters count; one whose state cannot be read can be opened without it."""
    time = "time:(from:'2026-01-01T00:00:00.000Z',to:'2026-01-01T04:30:00.000Z')"
    meta = "'$state':(store:appState),meta:(alias:!n,disabled:!f,index:shown-events,key:latency,negate:!t,type:range)"
    state = (
        f"filters:!(({meta},query:(range:(latency:(gte:20,lt:30))))),query:(language:kuery,query:'model%20:%20alpha')"
    )
    page.goto(f"{DETAIL}?_g=(filters:!(),refreshInterval:(pause:!f,value:60000),{time})&_a=({state})")
    total(page, "4")
    assert page.get_by_label("Refresh every").input_value() == "60000"
    assert page.locator(".pills li").inner_text().startswith("NOT latency: ≥ 20 and < 30")
    page.goto("/")
    page.goto(f"{DETAIL}?_g=(time:")
    page.locator(".wrong", has_text="_g in the address is no Rison").wait_for()
    page.get_by_role("link", name="Open it as it is saved").click()
    total(page, "10")


def test_a_time_slider(page: Page) -> None:
    """Its part of the times counts, by handle and by step, in whole steps; without a part all of it does."""
    open_acting(page)
    end = page.get_by_label("Time slider, end")
    end.press("ArrowLeft")
    total(page, "5")
    assert end.get_attribute("aria-valuetext") == "Jan 1, 2026 @ 04:59"
    page.get_by_role("button", name="Next time window").click()
    page.get_by_text("Jan 1, 2026 @ 04:59 → Jan 1, 2026 @ 09:58").wait_for()
    total(page, "5")
    page.get_by_role("button", name="Pin start").click()
    total(page, "10")
    assert not page.get_by_label("Time slider, start").is_visible()
    page.locator(".control.time").get_by_role("button", name="Clear").click()
    page.locator(".control.time").get_by_role("button", name="Clear").wait_for(state="hidden")
    total(page, "10")
    value(page, "Own times", "2")


def test_the_choices_of_a_list(page: Page) -> None:
    """In the order that the dashboard says, one at a time; a search finds some; Escape closes it."""
    open_acting(page)
    page.locator(".control.time").get_by_role("button", name="Clear").click()
    total(page, "10")
    summary = page.locator("summary", has_text="Model: Pick one")
    summary.focus()
    summary.press("Enter")
    rows = page.locator(".choices label")
    rows.nth(1).wait_for()
    assert [row.split("\n")[0] for row in rows.all_inner_texts()] == [HOSTILE, "alpha", "beta"]
    page.get_by_label("alpha").check()
    total(page, "6")
    page.get_by_label("Include or exclude").select_option(label="Exclude")
    total(page, "4")
    page.get_by_label("Search the values").fill("ALP")
    rows.first.filter(has_text="alpha").wait_for()
    assert rows.count() == 1
    page.keyboard.press("Escape")
    summary = page.locator("summary", has_text="Model: NOT alpha")
    assert summary.evaluate("one => one === document.activeElement")
    assert not rows.first.is_visible()


def test_wrong_times_can_be_mended(page: Page) -> None:
    """They are told beside the bar, which keeps what was typed, over what was shown before."""
    open_detail(page)
    start = page.locator('input[name="from"]')
    enter(start, "yesterday")
    page.locator(".wrong", has_text="'yesterday' is no moment").wait_for()
    assert start.get_attribute("aria-invalid") == "true"
    total(page, "10")
    enter(start, "2026-01-03T00:00:00Z")
    page.locator(".wrong", has_text="the times end before they begin").wait_for()
    enter(start, "2026-01-01T05:00:00Z")
    total(page, "5")
    assert start.get_attribute("aria-invalid") is None
    assert start.evaluate("one => one === document.activeElement")


def test_a_filter_is_added(page: Page) -> None:
    """By a form, with the keyboard; a number is one, and what is there already is not added twice."""
    open_detail(page)
    for _ in range(2):
        page.locator(".add summary").press("Enter")
        page.locator("#fields option[value=latency]").wait_for(state="attached")
        page.get_by_label("Field", exact=True).fill("latency")
        page.get_by_label("Operator").select_option(label="is not between")
        page.get_by_label("From", exact=True).fill("20")
        page.get_by_label("Below").fill("50")
        page.keyboard.press("Enter")
        total(page, "7")
    assert page.locator(".pills li").count() == 1
    assert page.locator(".add summary").evaluate("one => one === document.activeElement")


def test_an_older_answer_never_replaces_a_newer_one(page: Page) -> None:
    """Whichever comes last: of two drawings, and of a drawing and the list."""
    open_detail(page)
    held: list[Route] = []
    holds = True

    def hold(route: Route) -> None:
        if holds:
            held.append(route)
        else:
            route.continue_()

    page.route("**/kbuild/api/draw", hold)
    query = page.get_by_label("KQL query")
    for words in ("model: beta", "model: alpha"):
        query.fill(words)
        with page.expect_request("**/draw"):
            query.press("Enter")
    for route in reversed(held):
        with page.expect_response("**/draw"):
            route.continue_()
    total(page, "6")
    with page.expect_request("**/draw"):
        page.get_by_role("button", name="Refresh", exact=True).click()
    page.locator("#home").click()
    page.get_by_role("heading", name="Visualizations").wait_for()
    with page.expect_response("**/draw"):
        held[-1].continue_()
    assert page.locator("section.panel").count() == 0
    holds = False
    page.get_by_role("link", name="Acting board").click()
    total(page, "6")


def test_a_server_that_is_away(page: Page) -> None:
    """It is said, with what was shown left as it was; as soon as the server answers, the page is drawn anew."""
    open_detail(page)
    page.route("**/kbuild/api/**", lambda route: route.abort())
    page.locator(".wrong", has_text="The server does not answer").wait_for()
    total(page, "10")
    with page.expect_response("**/draw"):
        page.unroute("**/kbuild/api/**")
    page.locator(".wrong", has_text="The server").wait_for(state="detached")


def test_a_panel_fills_its_place(page: Page) -> None:
    """A drawing is as wide and high as its panel's inside, alone as high as the window; a narrow window stacks them."""
    open_main(page)
    chart = page.locator('section.panel[aria-label="Over time"]')
    free = """panel => { const inside = panel.querySelector(".inside"), svg = inside.querySelector("svg");
        return [inside.clientWidth - svg.width.baseVal.value, inside.clientHeight - svg.height.baseVal.value]; }"""
    assert [abs(pixels) < 1 for pixels in chart.evaluate(free)] == [True, True]
    chart.get_by_role("button", name="Maximize").click()
    page.get_by_role("button", name="Minimize").wait_for()
    assert page.locator("section.panel").count() == 1
    assert chart.bounding_box()["height"] > 900  # type: ignore[index]
    page.get_by_role("button", name="Minimize").click()
    page.locator('section.panel[aria-label="Models"]').wait_for()
    page.set_viewport_size({"width": 600, "height": 900})
    page.wait_for_function(
        '() => new Set([...document.querySelectorAll("section.panel")].map((one) => one.offsetLeft)).size === 1'
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 600


def test_drilldowns_to_addresses(page: Page) -> None:
    """What was clicked is filled in, one that cannot be filled in is said, and the panel's own is in its menu."""
    open_acting(page)
    cell = page.locator('section.panel[aria-label="Models"] td', has_text="alpha").first
    cell.click()
    page.get_by_role("menuitem", name="Wrong").click()
    page.locator("#said", has_text="does not fill in {{date event.value}}").wait_for()
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Runbook").click()
    assert opened.value.url.endswith("/kbuild/Total")
    cell.click()
    page.get_by_role("menuitem", name="Look up").click()
    page.wait_for_url("**/*shown-detail*")
    total(page, "3")


def test_a_drag_over_a_chart_chooses_times(page: Page) -> None:
    """From the place where it begins to that where it ends; Escape gives it up."""
    open_main(page)
    area = page.locator('section.panel[aria-label="Over time"] .role-frame.root > g > path.background').first
    box = area.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2

    def drag(*, escape: bool) -> None:
        page.mouse.move(box["x"] + 1, middle)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] / 2, middle)
        assert page.locator(".band").is_visible()
        if escape:
            page.keyboard.press("Escape")
        page.mouse.up()

    drag(escape=True)
    total(page, "10")
    assert page.url.endswith("shown-main")
    drag(escape=False)
    page.wait_for_url("**_g=(time:*")
    total(page, "9")
    assert page.locator('input[name="to"]').input_value().startswith("2026-01-01T1")


def test_the_keyboard_reaches_all(page: Page) -> None:
    """Tab reaches a chart once, arrows go through its marks; a dialog's tabs too, and Escape gives the focus back."""
    open_main(page)
    slices = page.locator('section.panel[aria-label="By model"] svg [tabindex]')
    assert [one.get_attribute("tabindex") for one in slices.all()] == ["0", "-1", "-1"]
    slices.first.focus()
    page.keyboard.press("ArrowRight")
    assert slices.nth(1).evaluate("one => one === document.activeElement")
    inspect = page.get_by_role("button", name="Inspect Total")
    inspect.focus()
    page.keyboard.press("Enter")
    page.get_by_role("tab", name="Data").focus()
    page.keyboard.press("End")
    assert page.get_by_role("tab", name="Saved object").get_attribute("aria-selected") == "true"
    page.keyboard.press("Escape")
    assert inspect.evaluate("one => one === document.activeElement")
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    total(page, "10")


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
        page.locator("section.panel .tiles").wait_for(timeout=5000)
        project = tmp_path / "kbuild.yaml"
        good = project.read_text()
        project.write_text("project: [")
        page.locator(".wrong", has_text="kbuild.yaml:1:").wait_for(timeout=5000)
        assert page.locator("section.panel .tiles").is_visible()
        project.write_text(good)
        page.locator(".wrong").wait_for(state="hidden", timeout=5000)
        page.close()
