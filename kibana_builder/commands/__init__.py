"""ROOM commands: words typed -> one library call -> words shown.

The only room that touches the terminal. This file holds the list of commands and the border at which errors
become words; each command is one file, imported when it is called: `kbuild --help` costs little more than the
library that prints it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import click
import typer
from typer.core import TyperGroup

from kibana_builder import __version__
from kibana_builder.errors import KbuildError


class Listed(NamedTuple):
    """A command: its name, the module and function of the same name behind it, and its line in `kbuild --help`."""

    name: str
    module: str
    line: str


COMMANDS = (
    Listed("init", "init", "Write a new project that works."),
    Listed("validate", "validate", "Check the files: YAML, schema, names, grid, fields."),
    Listed("build", "build", "Turn the files into saved objects, with what they refer to."),
    Listed("plan", "plan", "Show what apply would do, in the words of the panels."),
    Listed("apply", "apply", "Bring what the files say into Kibana."),
    Listed("export", "export", "Write what is in Kibana into YAML files."),
    Listed("list", "list_", "Show what the project has in Kibana."),
    Listed("open", "open_", "Open a dashboard in the browser."),
    Listed("delete", "delete", "Delete objects of the project from Kibana."),
    Listed("rollback", "rollback", "Undo the last apply or delete."),
    Listed("generate", "generate", "Make events of machine-learning models."),
    Listed("monitor", "monitor", "Watch the stream of events in the terminal."),
    Listed("templates", "templates", "Bring templates, pipelines and policies into Elasticsearch."),
    Listed("doctor", "doctor", "Look at services, data and dashboards, and say what to do."),
    Listed("stack", "stack", "Run Elasticsearch, Kibana and Logstash in Docker."),
    Listed(
        "preview", "preview", "Show the dashboards without Kibana: in a page that follows every save, or as pictures."
    ),
    Listed("sandbox", "sandbox", "Run an embedded server that answers like Kibana."),
    Listed("demo", "demo", "Show the project's dashboards with events of two days and new ones flowing in."),
    Listed("schema", "schema", "Print the JSON Schema of a kind of file, for an editor."),
    Listed("verify-roundtrip", "verify_roundtrip", "Turn saved objects into documents and back, and compare."),
)
"""The commands, in the order in which --help lists them."""


class Commands(TyperGroup):
    """The group of all commands, which imports a command only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        return [command.name for command in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        found = next((command for command in COMMANDS if command.name == cmd_name), None)
        return None if found is None else load(found)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from kibana_builder.spec.nearest import did_you_mean

            hint = did_you_mean(args[0], self.list_commands(ctx))
            raise click.UsageError(f"{error.message.rstrip('.')}{f' ({hint})' if hint else ''}.", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(command.name, command.line) for command in COMMANDS], col_max=18, col_spacing=2)


def load(command: Listed) -> click.Command:
    """Import a command's module and make the command of its function."""
    function: Any = getattr(import_module(f"{__name__}.{command.module}"), command.module)
    alone = _typer()
    alone.command(command.name)(function)
    return typer.main.get_command(alone)


def _typer(**settings: Any) -> typer.Typer:
    return typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        **settings,
    )


app = _typer(name="kbuild", cls=Commands, no_args_is_help=True)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"kbuild {__version__}")
        raise typer.Exit


@app.callback()
def _kbuild(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Kibana dashboards as code: YAML in Elastic's own vocabulary, checked, compiled and applied."""


def run(args: Sequence[str]) -> int:
    """Run one command line (without the program's name) and return its exit code.

    0 done, 1 a finding or a failure, 2 wrong usage, 3 only where a command's help says so, 130 after Ctrl-C.
    """
    _stand_in_for_closed_streams()
    try:
        return _run(args)
    finally:
        _leave_nothing_to_say()


def _run(args: Sequence[str]) -> int:
    try:
        result = app(list(args), prog_name="kbuild", standalone_mode=False)
        sys.stdout.flush()  # now, while somebody can say what goes wrong with it
    except KbuildError as error:
        from kibana_builder.commands.output import print_error

        print_error(error)
        return error.exit_code
    except click.exceptions.Abort:
        print("Stopped.", file=sys.stderr)
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BrokenPipeError:
        return 1  # the reader (`| head`) went away
    except OSError as error:
        from kibana_builder.commands.output import print_error

        print_error(KbuildError(_words(error)))
        return 1
    return result if isinstance(result, int) else 0


def _stand_in_for_closed_streams() -> None:
    """Put something into the place of standard streams that are closed (`>&-`), for which Python has None.

    Of stdin comes nothing, words for people go to nowhere, and stdout is a pipe whose reader went away.
    """
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - until the end
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    if sys.stdout is None:
        reading, writing = os.pipe()
        os.close(reading)
        sys.stdout = os.fdopen(writing, "w", encoding="utf-8")


def _leave_nothing_to_say() -> None:
    """Let what nobody reads, or the disk has no room for, not be tried again at exit: Python would say so itself."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            from kibana_builder.commands.output import to_nowhere

            to_nowhere(stream)


def _words(error: OSError) -> str:
    """Say what the machine refused, for the person: a full disk, a folder without permission, a folder that is gone."""
    if isinstance(error, FileNotFoundError) and error.filename is None:
        return "the current folder is not there any more; change to another one"
    words = error.strerror or str(error) or type(error).__name__
    return f"{words} ({os.fsdecode(error.filename)})" if isinstance(error.filename, str | bytes) else words
