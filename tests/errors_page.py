"""docs/errors.md: for each rule a file that breaks it, and below it what kbuild prints about that file.

The files are written by hand; what is printed is put there by `make golden`, and a test compares.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

from kibana_builder.checks import all_problems
from kibana_builder.commands.output import print_problems
from kibana_builder.errors import SpecError
from kibana_builder.files.example import example_files
from kibana_builder.files.project import load_project
from kibana_builder.files.source import load_source
from kibana_builder.problem import Problem
from kibana_builder.saved.build import build
from tests.documents import FENCE, FILE
from tests.shared_material import REPOSITORY

PAGE = REPOSITORY / "docs" / "errors.md"
SECTION = re.compile(r"^### ([\w-]+)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Example:
    """A rule's section: the files by name, and what the page says is printed."""

    rule: str
    files: dict[str, str]
    printed: str


def examples() -> Iterator[Example]:
    """Go through the sections of the page."""
    for rule, text in SECTION.findall(PAGE.read_text("utf-8")):
        files, printed = {}, ""
        for language, block in FENCE.findall(text):
            if language == "yaml":
                files[FILE.match(block)[1]] = block  # type: ignore[index]
            else:
                printed = block
        yield Example(rule, files, printed)


def found(files: dict[str, str]) -> list[Problem]:
    """Put the files into the example project and give what is found in it, as `kbuild build` would."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        for name in example_files():
            _write(Path(name), (REPOSITORY / name).read_text("utf-8"))
        for name, text in files.items():
            _write(Path(name), text)
        if "kbuild.yaml" in files:
            # The example's files belong to the example's kbuild.yaml.
            Path("dashboards").rename("elsewhere")
            Path("visualizations").rename("elsewhere-too")
        try:
            source = load_source(load_project(Path("kbuild.yaml")))
            problems = all_problems(source)
            if not problems:
                build(source)
        except SpecError as error:
            return error.problems
        return problems


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def printed(problems: list[Problem]) -> str:
    """Print problems as `kbuild validate` does."""
    stream = io.StringIO()
    print_problems(problems, stream=stream)
    return stream.getvalue()


def update() -> None:
    """Write into the page what is printed now."""
    text = PAGE.read_text("utf-8")
    for example in examples():
        start = text.index(f"### {example.rule}\n")
        before, section = text[:start], text[start:]
        section = section.replace(f"```\n{example.printed}```", f"```\n{printed(found(example.files))}```", 1)
        text = before + section
    PAGE.write_text(text, "utf-8")
