"""`kbuild plan`: what apply would do, for a person, a program and a pull request."""

from __future__ import annotations

import html
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from kibana_builder.commands import planning, run
from tests.commands.small_project import DASHBOARD, LATENCY, Shop, make_shop


@pytest.fixture
def shop(sandbox_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shop:
    return make_shop(tmp_path, sandbox_url, monkeypatch, capsys)


def test_a_plan_writes_nothing(shop: Shop) -> None:
    """It says what apply says, and exit code 3 only where that is asked for."""
    said = shop.run("plan")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[0] == f"Plan: 6 to create: {shop.url}, space 'default'"
    assert shop.run("plan", "--exit-code").code == 3
    assert shop.run("plan").out == said.out
    assert shop.run("apply", "--dry-run").out.startswith(said.out)
    with shop.world() as world:
        assert not world.has("dashboard", "shop-overview")


def test_the_words_of_an_update(shop: Shop) -> None:
    shop.run("apply", "--yes")
    shop.write(
        "visualizations/latency.yaml",
        LATENCY.replace("operation: average, field: latency", "operation: percentile, percentile: 99, field: latency"),
    )
    shop.write("dashboards/overview.yaml", DASHBOARD + "time_range: now-7d\n")
    assert shop.run("plan").out.splitlines()[1:] == [
        '~ update visualization "Latency" (shop-latency)  visualizations/latency.yaml',
        "    metrics[0] operation average → percentile",
        "    metrics[0] percentile 99 added",
        '~ update dashboard "Overview" (shop-overview)  dashboards/overview.yaml',
        "    time range now-7d added",
    ]
    assert shop.run("plan", "visualizations/errors.yaml").out.startswith("No changes: 3 unchanged")


def test_json_for_a_program(shop: Shop) -> None:
    shop.run("apply", "--yes")
    (shop.root / "visualizations/errors.yaml").unlink()
    shop.write("dashboards/overview.yaml", DASHBOARD.replace("errors", "latency"))
    found = shop.run("plan", "--prune", "--format", "json").json
    assert found["summary"] == "1 to update, 1 to delete, 4 unchanged"
    assert found["would_change"] is True
    (update,) = [change for change in found["changes"] if change["action"] == "update"]
    assert update["words"] == ['panel "Latency" (latency-2) added', 'panel "Errors" removed']
    assert found["left_over"] == [
        {
            "type": "lens",
            "id": "shop-errors",
            "title": "Errors",
            "fate": "unused",
            "delete": True,
            "used_by": [],
            "renamed_to": None,
        }
    ]


class Tags(HTMLParser):
    """The tags of a text, and what is left open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert attrs == []
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


HOSTILE = "</code></details><img src=x>@everyone `x` **b** #1 [a](http://b) | $m$ \n\n# Big\n```\n<!--"


class TestMarkdown:
    """A comment on a pull request that nothing in a title can break out of."""

    def test_a_heading_a_summary_and_details(self, shop: Shop) -> None:
        shop.run("apply", "--yes")
        shop.write("dashboards/overview.yaml", DASHBOARD + "time_range: now-7d\n")
        lines = shop.run("plan", "--format", "markdown").out.splitlines()
        assert lines[0] == "### kbuild plan: changes"
        assert lines[2].endswith("<b>1 to update, 5 unchanged</b></p>")
        assert lines[4].startswith("<details><summary>~ <code>update dashboard &quot;Overview&quot;")
        assert lines[6] == "<li><code>time range now-7d added</code></li>"

    def test_no_changes(self, shop: Shop) -> None:
        shop.run("apply", "--yes")
        said = shop.run("plan", "--format", "markdown").out
        assert said.startswith("### kbuild plan: no changes\n\n<p>")
        assert said.count("\n") == 3

    def test_nothing_breaks_out(self, shop: Shop) -> None:
        """What comes from files and Kibana is inside `code`, on one line, without a blank line that would end HTML."""
        shop.run("apply", "--yes")
        title = "".join(f"\\x{ord(c):02x}" if not c.isprintable() else c for c in HOSTILE)
        shop.write("dashboards/overview.yaml", DASHBOARD.replace("title: Overview", f'title: "{title}"'))
        text = shop.run("plan", "--format", "markdown").out
        heading, _, body = text.partition("\n\n")
        assert heading == "### kbuild plan: changes"
        assert body.strip().count("\n\n") == 1
        tags = Tags(body)
        assert tags.open == []
        assert tags.seen <= {"p", "b", "code", "details", "summary", "ul", "li"}
        outside = re.sub(r"<code>.*?</code>", "", body)
        assert "everyone" not in outside
        assert "everyone" in html.unescape(body)

    def test_a_long_plan_fits_into_a_comment(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(planning, "_LONGEST_COMMENT", 500)
        text = shop.run("plan", "--format", "markdown").out
        assert len(text) < 600
        assert re.search(r"<p>… and \d more objects</p>\n$", text)


def test_a_broken_file_is_reported_and_no_server_is_asked(shop: Shop) -> None:
    shop.write("dashboards/overview.yaml", "title: 1\n")
    said = shop.run("plan", "--context", "nowhere")
    assert said.code == 1
    assert "dashboards/overview.yaml" in said.err


def test_a_project_without_files(shop: Shop) -> None:
    for path in shop.root.glob("*/*.yaml"):
        path.unlink()
    said = shop.run("plan")
    assert (said.code, said.out) == (
        0,
        "The project has nothing to apply: there is no dashboard and no visualization.\n",
    )


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colours_are_for_terminals(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan that is piped has none, and nobody sees any who does not want them."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\033" not in shop.run("plan").out
    for no_color, painted in (("", True), ("1", False)):
        monkeypatch.setenv("NO_COLOR", no_color)
        with monkeypatch.context() as patch:
            patch.setattr("sys.stdout", terminal := Terminal())
            run(["plan"])
        assert ('\033[32m+ create dashboard "Overview"' in terminal.getvalue()) is painted


def test_a_prune_is_asked_for(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list comes first; without a yes nothing is deleted."""
    shop.run("apply", "--yes")
    (shop.root / "dashboards/overview.yaml").unlink()
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    said = shop.run("apply", "--prune")
    assert said.code == 1
    assert '- delete dashboard "Overview" (shop-overview)' in said.out
    assert f"Write and delete this in {shop.url}, space 'default'?" in said.err
    with shop.world() as world:
        assert world.has("dashboard", "shop-overview")
