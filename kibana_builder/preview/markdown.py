"""Markdown panels: HTML without any HTML of the text's own, and the same as lines for a picture.

markdown-it with raw HTML switched off reads it, as Kibana does; a link goes to http, https, mailto or a place on the
same site, anything else stays text. Images are not loaded: the page asks no other host for anything.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.svg import box, cut, spans, text, text_width
from kibana_builder.preview.theme import INK, PALE

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

__all__ = ["markdown_html", "markdown_svg"]

SIZES = {"h1": 42.0, "h2": 34.0, "h3": 26.0, "h4": 20.0, "h5": 16.0, "h6": 16.0}
"""Sizes of headings; `h1` and the body as Kibana 8.12 draws them, the others between."""
BODY = 16.0
LEFT, INDENT = 9.0, 28.0
"""Where lines begin, and how much further those of each list around them."""
CELL, CELL_HEIGHT = 12.0, 34.0
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
        self.y = 8.0
        self.left, self.x = LEFT, LEFT
        """Where the line begins, and an estimate of how far it goes."""
        self.pieces: list[tuple[str, bool, bool]] = []
        """The line that is being written: words with the spaces behind them, whether they are a link, and bold."""

    def words(self, words: str, size: float, left: float, *, link: bool = False, bold: bool = False) -> None:
        """Write words one after the other, going on in the next line where one is full and a space ends."""
        for piece in re.findall("[^ ]+ *| +", words):
            if text_width(piece.rstrip(), size, bold=bold) <= self.width - left:
                self.piece(piece, size, left, link=link, bold=bold, may_break=False)
                continue
            if self.pieces and self.pieces[-1][0].endswith(" "):
                self.line(size)
            for letter in piece:
                self.piece(letter, size, left, link=link, bold=bold, may_break=True)

    def piece(self, piece: str, size: float, left: float, *, link: bool, bold: bool, may_break: bool) -> None:
        """Write a word, or a letter of one that is longer than a line and so may break before it."""
        wide = text_width(piece.rstrip() or piece, size, bold=bold)
        full = self.x + wide > self.width
        if self.pieces and full and (may_break or self.pieces[-1][0].endswith(" ")):
            self.line(size)
        if not self.pieces:
            self.left = self.x = left
        self.pieces.append((piece, link, bold))
        self.x += text_width(piece, size, bold=bold)

    def line(self, size: float) -> None:
        if self.pieces:
            runs, x = [], self.left
            for (link, bold), run in groupby(self.pieces, key=lambda piece: piece[1:]):
                words = "".join(piece for piece, _, _ in run)
                runs.append((words, INK, bold))
                if link:
                    self.parts.append(box(x, self.y + size + 2, text_width(words, size, bold=bold), 1, INK))
                x += text_width(words, size, bold=bold)
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
        self.rows: list[list[str]] | None = None
        """The rows of the table that is being read, the head first."""
        self.size = BODY

    def write(self, token: Token) -> None:
        if token.type == "inline":
            self.inline(token)
        elif token.type in ("code_block", "fence"):
            for row in token.content.rstrip("\n").split("\n"):
                self.lines.words(row, 14, LEFT)
                self.lines.line(14)
        elif token.type == "hr":
            self.lines.parts.append(box(LEFT, self.lines.y, self.lines.width - 2 * LEFT, 1, PALE))
            self.lines.line(BODY)
        else:
            self.structure(token)

    def structure(self, token: Token) -> None:
        """Take note of headings, lists and tables that begin or end."""
        if token.type == "heading_open":
            self.size = SIZES[token.tag]
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            self.lists.append(None if token.type == "bullet_list_open" else int(token.attrGet("start") or 1))
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self.lists.pop()
        elif token.type == "list_item_open":
            _mark(self.lines, self.lists)
        elif token.type == "table_open":
            self.rows = []
        elif token.type == "tr_open" and self.rows is not None:
            self.rows.append([])
        elif token.type == "table_close":
            _table(self.lines, self.rows or [])
            self.rows = None

    def inline(self, token: Token) -> None:
        if self.rows:
            self.rows[-1].append(token.content)
            return
        _inline(self.lines, token, self.size, LEFT + INDENT * len(self.lists))
        self.lines.line(self.size)
        self.lines.y += self.size * 0.3
        self.size = BODY


def _mark(lines: _Lines, lists: list[int | None]) -> None:
    left = LEFT + INDENT * (len(lists) - 1)
    number = lists[-1]
    lines.parts.append(text("•" if number is None else f"{number}.", left + 10, lines.y + BODY, BODY))
    if number is not None:
        lists[-1] = number + 1


def _table(lines: _Lines, rows: list[list[str]]) -> None:
    """Draw a table: a box around it, a line between rows, the head bold, columns as wide as their words."""
    columns = max((len(row) for row in rows), default=0)
    share = (lines.width - 2 * LEFT) / max(1, columns)
    sizes = [
        min(share, 2 * CELL + max(text_width(row[index], BODY, bold=True) for row in rows if index < len(row)))
        for index in range(columns)
    ]
    for number, row in enumerate(rows):
        lines.parts.append(box(LEFT, lines.y, sum(sizes), CELL_HEIGHT, "none", stroke=PALE))
        for index, cell in enumerate(row):
            x, room = LEFT + sum(sizes[:index]) + CELL, sizes[index] - 2 * CELL
            if room > 0:
                words = cut(cell, BODY, room, bold=True)
                lines.parts.append(text(words, x, lines.y + 23, BODY, bold=number == 0))
        lines.y += CELL_HEIGHT
    lines.line(BODY)


def _inline(lines: _Lines, token: Token, size: float, left: float) -> None:
    link = bold = False
    for part in token.children or []:
        if part.type in ("strong_open", "strong_close"):
            bold = part.type == "strong_open"
        elif part.type in ("link_open", "link_close"):
            link = part.type == "link_open"
        elif part.type in ("softbreak", "hardbreak"):
            lines.line(size) if part.type == "hardbreak" else lines.words(" ", size, left)
        elif part.content:
            lines.words(part.content, size, left, link=link, bold=bold)
