"""A dashboard's panels -> one picture: SVG, and PNG without a browser.

Sizes are Kibana's: 48 columns, rows 20 pixels high, 8 pixels between panels, a title of 24 pixels.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kibana_builder.preview.svg import box, cut, nested, text
from kibana_builder.preview.theme import DARK, FONT, PALE, PANEL_BACKGROUND, SUBDUED
from kibana_builder.spec.layout import COLUMNS

__all__ = ["PicturedPanel", "dashboard_svg", "panel_size", "png"]

ROW, GAP, TITLE, PAD, EDGE = 20, 8, 24, 8, 1
GROUND = "#F7F8FC"
HEAD = 44


@dataclass(frozen=True)
class PicturedPanel:
    """A panel in a picture: its title (None when hidden), its place in grid units, and what draws its inside."""

    title: str | None
    x: int
    y: int
    w: int
    h: int
    draw: Callable[[float, float], str]
    """Called with the pixels that are free for the inside; gives the inside of an SVG."""
    full: bool = False
    """Whether the inside reaches to the panel's edges, as the tiles of metrics do."""


def panel_size(w: int, h: int, width: float, *, titled: bool, full: bool = False) -> tuple[float, float]:
    """Give the pixels inside a panel of so many grid units, in a dashboard `width` pixels wide.

    `full` tells that the inside reaches to the panel's edges.
    """
    wide, high = _outer_size(w, h, width)
    pad = EDGE if full else PAD
    return wide - 2 * pad, high - pad - (TITLE if titled else pad)


def _outer_size(w: int, h: int, width: float) -> tuple[float, float]:
    return w * (width - GAP) / COLUMNS - GAP, h * (ROW + GAP) - GAP


def dashboard_svg(
    title: str, subtitle: str, panels: Sequence[PicturedPanel], width: int = 1600, *, notes: str = ""
) -> str:
    """Draw a dashboard, `width` pixels wide and as high as its panels reach; `notes` say whose data it is."""
    bottom = max((panel.y + panel.h for panel in panels), default=4)
    height = HEAD + bottom * (ROW + GAP) + GAP
    parts = [box(0, 0, width, height, GROUND), text(cut(title, 20, width * 0.6, bold=True), GAP + 4, 29, 20, bold=True)]
    parts.append(text(subtitle, width - GAP - 4, 21 if notes else 29, 13, color=SUBDUED, anchor="end"))
    if notes:
        parts.append(text(cut(notes, 11, width * 0.4), width - GAP - 4, 37, 11, color=SUBDUED, anchor="end"))
    parts.extend(_panel_svg(panel, width) for panel in panels)
    attributes = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="{FONT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{"".join(parts)}</svg>'


def _panel_svg(panel: PicturedPanel, width: int) -> str:
    left, top = GAP + panel.x * (width - GAP) / COLUMNS, HEAD + panel.y * (ROW + GAP)
    wide, high = _outer_size(panel.w, panel.h, width)
    titled = panel.title is not None
    inside = panel_size(panel.w, panel.h, width, titled=titled, full=panel.full)
    pad = EDGE if panel.full else PAD
    parts = [box(0, 0, wide, high, PANEL_BACKGROUND, stroke=PALE, radius=4)]
    if panel.title is not None:
        parts.append(text(cut(panel.title, 12, wide - 16, bold=True), 8, 16, 12, color=DARK, bold=True))
    parts.append(nested(panel.draw(*inside), pad, TITLE if titled else pad, *inside))
    return f'<g transform="translate({left:.1f},{top:.1f})">{"".join(parts)}</g>'


def png(svg: str, scale: float = 1.0) -> bytes:
    """Turn an SVG into a PNG, `scale` pixels for each of the SVG's."""
    import vl_convert

    return _packed(bytes(vl_convert.svg_to_png(svg, scale=scale)))


def _packed(picture: bytes) -> bytes:
    """Compress the pixels of a PNG once more: the library writes them for speed, three times as large.

    A PNG is chunks of length, type, data and checksum (https://www.w3.org/TR/png-3/); the pixels are those of IDAT.
    """
    before, pixels, after = picture[:8], b"", b""
    at = len(before)
    while at < len(picture):
        (length,) = struct.unpack(">I", picture[at : at + 4])
        chunk = picture[at : at + 12 + length]
        if chunk[4:8] == b"IDAT":
            pixels += chunk[8:-4]
        elif pixels:
            after += chunk
        else:
            before += chunk
        at += len(chunk)
    data = b"IDAT" + zlib.compress(zlib.decompress(pixels), 7)
    return before + struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data)) + after
