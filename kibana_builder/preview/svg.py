"""Small pieces of SVG: text that is measured and cut, boxes, and what keeps drawings apart in one picture.

Every text that comes from data goes through `escaped`: nothing in it becomes markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.sax.saxutils import escape

from kibana_builder.preview.theme import FONT, INK, NO_RESULTS, SUBDUED

__all__ = [
    "apart",
    "box",
    "cut",
    "escaped",
    "nested",
    "nothing_html",
    "nothing_svg",
    "spans",
    "text",
    "text_width",
    "wrapped",
]

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WIDTHS = {
    letter: width / 1000
    for width, letters in (
        (191, "'"),
        (222, "ijl"),
        (260, "|"),
        (278, " !,./:;I[\\]ft"),
        (333, "()-`r{}"),
        (355, '"'),
        (389, "*"),
        (469, "^"),
        (500, "Jcksvxyz"),
        (556, "#$0123456789?L_abdeghnopqu"),
        (584, "+<=>~"),
        (611, "FTZ"),
        (667, "&ABEKPSVXY"),
        (722, "CDHNRUw"),
        (778, "GOQ"),
        (833, "Mm"),
        (889, "%"),
        (944, "W"),
        (1015, "@"),
    )
    for letter in letters
}
"""Widths of letters in ems: those of Helvetica and Arial, to which Kibana's own font falls back."""

_WIDE = 0x2190
"""The code from which on letters are as wide as they are high."""


def escaped(words: str) -> str:
    """Make a text safe inside an element or an attribute; what XML cannot hold is replaced."""
    return escape(_CONTROL.sub("\ufffd", words), {'"': "&quot;", "'": "&#39;"})


def text_width(words: str, size: float, *, bold: bool = False) -> float:
    """Estimate how many pixels a text takes; arrows, signs and letters of other scripts count as an em."""
    ems = 0.0
    for letter in words:
        width = _WIDTHS.get(letter, 1.0 if letter == "…" or ord(letter) >= _WIDE else 0.6)
        ems += width * (1.1 if bold and letter.islower() else 1.03 if bold and letter.isupper() else 1.0)
    return ems * size


def cut(words: str, size: float, room: float, *, bold: bool = False) -> str:
    """Shorten a text to the room there is, with a mark where it goes on."""
    if text_width(words, size, bold=bold) <= room:
        return words
    while words and text_width(words + "…", size, bold=bold) > room:
        words = words[:-1]
    return words.rstrip() + "…"


def wrapped(words: str, size: float, room: float, lines: int, *, bold: bool = False) -> list[str]:
    """Part a text into at most so many lines of the room there is; the last one is cut."""
    parts: list[str] = []
    for word in words.split():
        longer = f"{parts[-1]} {word}" if parts else word
        if parts and text_width(longer, size, bold=bold) <= room:
            parts[-1] = longer
        else:
            parts.append(word)
    if len(parts) > lines:
        parts = [*parts[: lines - 1], " ".join(parts[lines - 1 :])]
    return [cut(part, size, room, bold=bold) for part in parts]


def text(
    words: str, x: float, y: float, size: float, *, color: str = INK, anchor: str = "start", bold: bool = False
) -> str:
    """Give a line of text; `y` is its base line, `anchor` is start, middle or end."""
    weight = ' font-weight="bold"' if bold else ""
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}"'
    return f'<text {place} font-family="{FONT}" fill="{escaped(color)}"{weight}>{escaped(words)}</text>'


def spans(parts: Iterable[tuple[str, str, bool]], x: float, y: float, size: float) -> str:
    """Give a line of text in parts: words, colour and whether they are bold; every space of theirs is kept."""
    inner = "".join(
        f'<tspan fill="{escaped(color)}" font-weight="{"bold" if bold else "normal"}">{escaped(words)}</tspan>'
        for words, color, bold in parts
    )
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size:g}"'
    return f'<text {place} font-family="{FONT}" xml:space="preserve">{inner}</text>'


def box(x: float, y: float, width: float, height: float, fill: str, *, stroke: str = "none", radius: float = 0) -> str:
    """Give a filled rectangle."""
    place = f'x="{x:.1f}" y="{y:.1f}" width="{max(0, width):.1f}" height="{max(0, height):.1f}" rx="{radius:g}"'
    return f'<rect {place} fill="{escaped(fill)}" stroke="{escaped(stroke)}"/>'


def nothing_svg(width: float, height: float) -> str:
    """Say in the middle of a panel that there is nothing to show."""
    return text(NO_RESULTS, width / 2, height / 2, 12, anchor="middle", color=SUBDUED)


def nothing_html() -> str:
    """Say the same in the place of a panel on the page."""
    return f'<p class="nothing">{NO_RESULTS}</p>'


def nested(inner: str, x: float, y: float, width: float, height: float) -> str:
    """Put a drawing at a place of a larger one; what goes beyond its size is cut off."""
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<svg {place} overflow="hidden">{inner}</svg>'


def apart(svg: str, mark: str) -> str:
    """Rename the ids of a drawing, so that it can stand beside others in one document."""
    return re.sub(r'(\bid="|url\(#|href="#)', lambda found: found[0] + mark + "-", svg)
