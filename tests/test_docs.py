"""The pages are held to what kbuild does: their YAML builds, their commands and options exist, their links lead on."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from kibana_builder import commands
from kibana_builder.charts.colors import DEFAULT_SINCE_9
from kibana_builder.checks import check_source
from kibana_builder.commands.output import print_problems
from kibana_builder.files.example import example_files
from kibana_builder.files.project import DEFAULT_PATHS, load_project
from kibana_builder.files.source import load_source
from kibana_builder.saved.build import build
from kibana_builder.saved.official import ADDITIONS
from tests.documents import PAGES, blocks, code
from tests.shared_material import REPOSITORY

COMMANDS = {command.name: commands.load(command) for command in commands.COMMANDS}
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
OF_ALL = {"--help"}
OF_OTHERS = {"--editable", "--count", "--host"}
"""Options of other programs that the pages show."""

WITH_FILES = [page for page in PAGES if page.name != "errors.md" and any(block.file for block in blocks(page))]


def name_of(page: Path) -> str:
    return page.relative_to(REPOSITORY).as_posix()


def options_of(command: click.Command) -> set[str]:
    return {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}


@pytest.mark.parametrize("page", WITH_FILES, ids=name_of)
def test_the_files_of_a_page_build(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files that a page shows are one project, in the example's where it shows no kbuild.yaml; nothing is found."""
    shown = [block for block in blocks(page) if block.file]
    files = [block.file for block in shown]
    assert len(set(files)) == len(files), "a page shows each file once"
    for name in [] if "kbuild.yaml" in files else example_files():
        if not name.startswith("dashboards/"):
            write(tmp_path / name, (REPOSITORY / name).read_text("utf-8"))
    for folder in DEFAULT_PATHS:
        (tmp_path / folder).mkdir(exist_ok=True)
    for block in shown:
        write(tmp_path / block.file, block.text)
    monkeypatch.chdir(tmp_path)
    source = load_source(load_project(tmp_path / "kbuild.yaml"))
    assert [*source.problems, *check_source(source)] == []
    assert len(build(source)) >= len(files) - files.count("kbuild.yaml")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def test_the_mistake_of_the_readme_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The README shows a mistake in its own dashboard as kbuild prints it."""
    page = REPOSITORY / "README.md"
    for block in blocks(page):
        if block.file:
            write(
                tmp_path / block.file, block.text.replace("operation: date_histogram,", "operation: date_histogramm,")
            )
    monkeypatch.chdir(tmp_path)
    stream = io.StringIO()
    print_problems(load_source(load_project(tmp_path / "kbuild.yaml")).problems, stream=stream)
    assert stream.getvalue() in [block.text for block in blocks(page)]


def test_the_list_of_words_of_our_own_is_complete() -> None:
    """Each word that the official form leaves out stands in the table, and the table has no row beside."""
    text = (REPOSITORY / "docs" / "language.md").read_text("utf-8")
    section = re.search(r"^## Words of kbuild's own$(.*?)^## ", text, re.MULTILINE | re.DOTALL)
    assert section
    rows = re.findall(r"^\| (?!where|---).*$", section[1], re.MULTILINE)
    words = {addition.path[-1] for addition in ADDITIONS}
    found = [{word for word in words if f"`{word}" in row} for row in rows if DEFAULT_SINCE_9 not in row]
    assert all(found)
    assert set.union(*found) == words


def test_yaml_blocks_say_which_file_they_are() -> None:
    """A block of YAML is either a file of a project, which the test above builds, or no YAML block."""
    assert [block.text for page in PAGES for block in blocks(page) if block.language == "yaml" and not block.file] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_and_options_exist(page: Path) -> None:
    """Whatever follows `kbuild` on a page is a command, with options that it has; an option alone is some command's."""
    every_option = OF_ALL.union(OF_OTHERS, *map(options_of, COMMANDS.values()))
    for line in code(page):
        found = re.match(r"(?:\S+[\\/])?kbuild ([a-z][a-z-]*)(.*)", line)
        if found:
            assert found[1] in COMMANDS, line
            # What comes after the first pipe or comment is no longer this command's.
            options = set(OPTION.findall(re.split(r"[|#]", found[2])[0]))
            assert options - OF_ALL <= options_of(COMMANDS[found[1]]), line
        else:
            assert set(OPTION.findall(line)) <= every_option, line


def test_the_readme_lists_every_command() -> None:
    """The table of commands and the program agree, both ways."""
    rows = re.findall(r"^\| `kbuild ([a-z-]+)", (REPOSITORY / "README.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(COMMANDS)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not on this machine")
def test_the_makes_of_the_readme_exist() -> None:
    """Each `make TARGET` of the README is a target."""
    targets = {found[1] for line in code(REPOSITORY / "README.md") if (found := re.match(r"make (\w+)", line))}
    assert targets >= {"demo", "test"}
    for target in targets:
        subprocess.run(["make", "-n", target], cwd=REPOSITORY, check=True, capture_output=True)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    """A relative link is a file of the repository, and its fragment a heading there."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if target.startswith(("http://", "https://")):
            continue
        path, _, fragment = target.partition("#")
        linked = page.parent / path if path else page
        assert linked.exists(), target
        assert not fragment or fragment in headings(linked), target


def headings(page: Path) -> set[str]:
    """Return the fragments of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles}
