"""The Markdown pages of the repository, and what stands in them as code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.shared_material import REPOSITORY

PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
FILE = re.compile(r"# ((?:dashboards|visualizations|saved_objects)/[\w./-]+|kbuild\.yaml)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, its text, and the file that its first line names, if it names one."""

    page: str
    language: str
    text: str

    @property
    def file(self) -> str:
        found = FILE.match(self.text)
        return found[1] if found else ""


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page."""
    return [Block(page.name, language, text) for language, text in FENCE.findall(page.read_text("utf-8"))]


def code(page: Path) -> Iterator[str]:
    """Go through what a page shows as code to type: the lines of its blocks that are no YAML, and its code spans."""
    for block in blocks(page):
        if block.language in ("", "bash", "sh", "console"):
            yield from block.text.splitlines()
    yield from SPAN.findall(FENCE.sub("", page.read_text("utf-8")))
