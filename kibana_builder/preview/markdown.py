"""Markdown panels: HTML without any HTML of the text's own, and the same as lines for a picture.

markdown-it with raw HTML switched off reads it, as Kibana does; a link goes to http, https, mailto or a place on the
same site, anything else stays text. Images are not loaded: the page asks no other host for anything.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.svg import box, spans, text, text_width
from kibana_builder.preview.theme import INK, SUBDUED

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

__all__ = ["markdown_html", "markdown_svg"]

SIZES = {"h1": 28.0, "h2": 22.0, "h3": 18.0, "h4": 15.0, "h5": 13.0, "h6": 12.0}
BODY = 13.0
LINK = "#0071C2"
SAFE_LINKS = ("http://", "https://", "mailto:", "/", "#")


def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
    reader.validateLink = _is_safe  # type: ignore[method-assign]
    return reader


def _is_safe(url: str) -> bool:
    return url.lower().startswith(SAFE_LINKS) and not url.startswith(("//", "/\\"))


def markdown_html(config: JsonObject) -> str:
    """Give the HTML of a markdown panel's `content`; links open where its settings say."""
    html: str = _reader().render(config.get("content", ""))
    target = "_blank" if config.get("settings", {}).get("open_links_in_new_tab", True) else "_self"
    return html.replace("<a href=", f'<a target="{target}" rel="noopener noreferrer" href=')


class _Lines:
    """Text that flows into lines of a width, downwards."""

    def __init__(self, width: float) -> None:
        self.width = width
        self.parts: list[str] = []
        self.y = 4.0
        self.left, self.x = 0.0, 0.0
        """Where the line begins, and an estimate of how far it goes."""
        self.pieces: list[tuple[str, str, bool]] = []
        """The line that is being written: words with the spaces behind them, their colour, whether they are bold."""

    def words(self, words: str, size: float, left: float, *, color: str = INK, bold: bool = False) -> None:
        """Write words one after the other, going on in the next line where one is full and a space ends."""
        for piece in re.findall("[^ ]+ *| +", words):
            wide = text_width(piece, size, bold=bold)
            if self.pieces and self.pieces[-1][0].endswith(" ") and self.x + wide > self.width:
                self.line(size)
            if not self.pieces:
                self.left = self.x = left
            self.pieces.append((piece, color, bold))
            self.x += wide

    def line(self, size: float) -> None:
        if self.pieces:
            runs = [
                ("".join(words for words, _, _ in run), *style)
                for style, run in groupby(self.pieces, key=lambda piece: piece[1:])
            ]
            self.parts.append(spans(runs, self.left, self.y + size, size))
            self.pieces.clear()
        self.y += size * 1.5


def markdown_svg(config: JsonObject, width: float, height: float) -> str:
    """Draw a markdown panel into so many pixels, as the inside of an SVG; what does not fit is cut off."""
    writer = _Writer(width)
    for token in _reader().parse(config.get("content", "")):
        writer.write(token)
        if writer.lines.y > height:
            break
    return "".join(writer.lines.parts)


class _Writer:
    """Goes through the tokens of a markdown text and writes them as lines."""

    def __init__(self, width: float) -> None:
        self.lines = _Lines(width)
        self.lists: list[int | None] = []
        """The lists that are open: the next number of a numbered one, None for one with dots."""
        self.cells: list[str] | None = None
        """The cells of the table's row that is being read."""
        self.size, self.bold = BODY, False

    def write(self, token: Token) -> None:
        if token.type == "inline":
            self.inline(token)
        elif token.type in ("code_block", "fence"):
            for row in token.content.rstrip("\n").split("\n"):
                self.lines.words(row, 12, 8, color=SUBDUED)
                self.lines.line(12)
        elif token.type == "hr":
            self.lines.parts.append(box(0, self.lines.y, self.lines.width, 1, "#D3DAE6"))
            self.lines.line(BODY)
        else:
            self.structure(token)

    def structure(self, token: Token) -> None:
        """Take note of headings, lists and tables that begin or end."""
        if token.type == "heading_open":
            self.size, self.bold = SIZES[token.tag], True
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            self.lists.append(None if token.type == "bullet_list_open" else int(token.attrGet("start") or 1))
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self.lists.pop()
        elif token.type == "list_item_open":
            _mark(self.lines, self.lists)
        elif token.type == "tr_open":
            self.cells = []
        elif token.type == "tr_close":
            _row(self.lines, self.cells or [])
            self.cells = None

    def inline(self, token: Token) -> None:
        if self.cells is not None:
            self.cells.append(token.content)
            return
        _inline(self.lines, token, self.size, 18.0 * len(self.lists), bold=self.bold)
        self.lines.line(self.size)
        self.size, self.bold = BODY, False


def _mark(lines: _Lines, lists: list[int | None]) -> None:
    left = 18.0 * (len(lists) - 1)
    number = lists[-1]
    lines.parts.append(text("•" if number is None else f"{number}.", left + 4, lines.y + BODY, BODY))
    if number is not None:
        lists[-1] = number + 1


def _row(lines: _Lines, cells: list[str]) -> None:
    for index, cell in enumerate(cells):
        lines.parts.append(text(cell, index * 110.0 + 4, lines.y + BODY, BODY))
    lines.line(BODY)


def _inline(lines: _Lines, token: Token, size: float, left: float, *, bold: bool) -> None:
    color, strong = INK, bold
    for part in token.children or []:
        if part.type in ("strong_open", "strong_close"):
            strong = bold or part.type == "strong_open"
        elif part.type in ("link_open", "link_close"):
            color = LINK if part.type == "link_open" else INK
        elif part.type in ("softbreak", "hardbreak"):
            lines.line(size) if part.type == "hardbreak" else lines.words(" ", size, left)
        elif part.content:
            lines.words(part.content, size, left, color=color, bold=strong)
