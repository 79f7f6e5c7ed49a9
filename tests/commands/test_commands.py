"""The list of commands: quick to show, and true."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest

from kibana_builder import commands
from kibana_builder.commands import COMMANDS, Listed, run


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_the_line_in_the_list_is_how_the_commands_own_help_begins(command: Listed) -> None:
    """`kbuild --help` says of a command what `kbuild COMMAND --help` says first."""
    words = " ".join((commands.load(command).help or "").split())
    assert words.startswith(command.line.rstrip("."))


def test_help_lists_every_command_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """No line is cut off."""
    assert run(["--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for command in COMMANDS:
        assert f"{command.name} {command.line}" in shown


def test_an_unknown_command_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and the name that was meant."""
    assert run(["aply"]) == 2
    assert "apply" in capsys.readouterr().err


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    """It needs no command and no project."""
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"kbuild {version('kibana-builder')}\n"


def test_help_imports_no_command() -> None:
    """What a command needs is imported when it is called, never for the list."""
    code = (
        "import sys; from kibana_builder.commands import run; run(['--help']); "
        "print([name for name in sys.modules if name.startswith('kibana_builder.commands.')], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
