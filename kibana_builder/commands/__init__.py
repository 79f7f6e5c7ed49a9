"""ROOM commands: words typed -> one library call -> words shown.

The only room that touches the terminal. This file holds the list of commands and the border at which errors
become words; each command is one file. Command files import nothing heavy at the top: a module that a command
needs is imported inside it, so that `kbuild --help` stays quick.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
import typer

from kibana_builder.commands.apply import apply
from kibana_builder.commands.build import build
from kibana_builder.commands.delete import delete
from kibana_builder.commands.demo import demo
from kibana_builder.commands.export import export
from kibana_builder.commands.init import init
from kibana_builder.commands.list_ import list_
from kibana_builder.commands.open_ import open_
from kibana_builder.commands.output import print_error
from kibana_builder.commands.plan import plan
from kibana_builder.commands.rollback import rollback
from kibana_builder.commands.sandbox import sandbox
from kibana_builder.commands.schema import schema
from kibana_builder.commands.validate import validate
from kibana_builder.commands.verify_roundtrip import verify_roundtrip
from kibana_builder.errors import KbuildError

app = typer.Typer(
    name="kbuild",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

COMMANDS = (
    init,
    validate,
    build,
    plan,
    apply,
    export,
    list_,
    open_,
    delete,
    rollback,
    sandbox,
    demo,
    schema,
    verify_roundtrip,
)
"""The commands, in the order in which --help lists them."""

for _command in COMMANDS:
    # Two of them are called like a function of Python's and carry an underscore for it.
    app.command(_command.__name__.rstrip("_").replace("_", "-"))(_command)


@app.callback()
def _kbuild() -> None:
    """Kibana dashboards as code: YAML in Elastic's own vocabulary, checked, compiled and applied."""


def run(args: Sequence[str]) -> int:
    """Run one command line (without the program's name) and return its exit code.

    0 done, 1 a finding or a failure, 2 wrong usage, 3 only where a command's help says so, 130 after Ctrl-C.
    """
    try:
        result = app(list(args), prog_name="kbuild", standalone_mode=False)
    except KbuildError as error:
        print_error(error)
        return error.exit_code
    except click.exceptions.Abort:
        print("Stopped.", file=sys.stderr)
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BrokenPipeError:
        # The reader (`| head`) went away; what is left in the buffer must not raise once more at exit.
        sys.stdout = None
        return 1
    return result if isinstance(result, int) else 0
