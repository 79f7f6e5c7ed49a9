"""The door of the command line: `kbuild` and `python -m kibana_builder`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; every KbuildError becomes words on stderr and its exit code, never a traceback."""
    from kibana_builder.commands import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
