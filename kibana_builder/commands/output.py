"""The only printer: results go to stdout, words to a person go to stderr."""

from __future__ import annotations

import sys

from kibana_builder.errors import KbuildError


def print_error(error: KbuildError) -> None:
    """Print what went wrong, for a person, on stderr."""
    print(f"Error: {error}", file=sys.stderr)
