"""Markdown panels."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from kibana_builder.preview.markdown import markdown_html, markdown_svg
from kibana_builder.preview.svg import text_width

TEXT = """# Title

Some **bold** words and a [link](https://example.org/).

- first
- second

3. third

| a | b |
|---|---|
| 1 | 2 |

---

```
code <b>
```
"""


def test_html() -> None:
    """Headings, lists, tables and links come out; links open in a tab of their own unless said otherwise."""
    html = markdown_html({"content": TEXT})
    assert all(part in html for part in ("<h1>Title</h1>", "<strong>bold</strong>", "<li>first</li>", "<td>2</td>"))
    assert '<a target="_blank" rel="noopener noreferrer" href="https://example.org/">' in html
    assert 'target="_self"' in markdown_html({"content": TEXT, "settings": {"open_links_in_new_tab": False}})


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](//evil.example)",
        "![x](https://evil.example/pixel.png)",
        '<https://ok.example/"onmouseover=alert(1)>',
    ],
)
def test_nothing_of_the_text_s_own_runs_or_loads(hostile: str) -> None:
    """HTML is shown as it is written, links go to the web or nowhere, images are not loaded."""
    html = markdown_html({"content": hostile})
    tree = ET.fromstring(f"<x>{html}</x>")
    assert not [tag for tag in tree.iter() if tag.tag in ("script", "img", "iframe")]
    assert all(tag.get("href", "").startswith("https://") for tag in tree.iter("a"))
    assert not [name for tag in tree.iter() for name in tag.attrib if name.startswith("on")]


def test_the_picture() -> None:
    """The same words, well-formed, wrapped where a line is full."""
    svg = ET.fromstring(f"<svg>{markdown_svg({'content': TEXT}, 120, 600)}</svg>")
    words = [word for part in svg.iter() for word in (part.text or "").split()]
    assert {"Title", "bold", "link", "first", "3.", "2", "code", "<b>"} <= set(words)
    lines = {"".join(part.itertext()).strip(): part.get("y") for part in svg.iter("text")}
    assert len({y for line, y in lines.items() if {"Some", "link."} & set(line.split())}) == 2


def test_spaces_are_those_of_the_text() -> None:
    """A line is one text in several styles, so that no estimate of a word's width parts or joins words."""
    svg = ET.fromstring(f"<svg>{markdown_svg({'content': TEXT}, 900, 600)}</svg>")
    lines = {"".join(part.itertext()) for part in svg.iter("text")}
    assert {"Title", "Some bold words and a link.", "code <b>"} <= lines


def test_the_picture_looks_like_kibanas() -> None:
    """A large heading that is not bold, a link underlined in the colour of text, a boxed table with a bold head."""
    content = "# Title\n\n[there](https://a.test)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    svg = ET.fromstring(f"<svg>{markdown_svg({'content': content}, 900, 600)}</svg>")
    texts = {"".join(one.itertext()): one for one in svg.iter("text")}
    title = texts["Title"]
    assert (title.get("font-size"), title[0].get("font-weight")) == ("42", "normal")
    assert texts["there"][0].get("fill") == "#343741"
    assert [one.get("height") for one in svg.iter("rect")] == ["1.0", "34.0", "34.0"]
    assert [texts[words].get("font-weight") for words in "ab12"] == ["bold", "bold", None, None]
    assert float(texts["b"].get("x", "")) - float(texts["a"].get("x", "")) < 60


@pytest.mark.parametrize("words", ["x" * 400, "模型" * 90, "🙂" * 90, "مرحبا " * 90, ""])
def test_tables_stay_in_the_panel(words: str) -> None:
    """Thirty columns, long words, other scripts: a table is never wider than the panel, and nothing is raised."""
    row = "|" + f"{words}|" * 30
    content = f"{row}\n|{'---|' * 30}\n{row}\n"
    svg = ET.fromstring(f"<svg>{markdown_svg({'content': content}, 300, 200)}</svg>")
    assert all(float(one.get("width", "")) <= 300 for one in svg.iter("rect"))


@pytest.mark.parametrize("words", ["x" * 400, "模型" * 90, "🙂" * 120, "[" + "y" * 200 + "](https://a.test)"])
def test_words_longer_than_a_line_are_broken(words: str) -> None:
    """So no line goes beyond the panel, also where a script has no spaces."""
    svg = ET.fromstring(f"<svg>{markdown_svg({'content': words}, 300, 900)}</svg>")
    lines = ["".join(one.itertext()) for one in svg.iter("text")]
    assert len(lines) > 5
    assert all(text_width(line, 16) <= 300 for line in lines)
