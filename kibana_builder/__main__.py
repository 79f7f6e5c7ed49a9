"""The door of the command line: `kbuild` and `python -m kibana_builder`."""

from __future__ import annotations

import gc
import signal
import sys

# Nearly all values are trees of JSON, which go without the collector. As often as it is meant to come it would walk
# over those of a large project again and again, for a quarter of the time of a plan.
_FEW_COLLECTIONS = 200_000


def main() -> None:
    """Run the command line; every KbuildError becomes words on stderr and its exit code, never a traceback.

    Who manages services ends a command as a person does with Ctrl-C: nothing is lost or left behind.
    """
    from kibana_builder.commands import run

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    gc.set_threshold(_FEW_COLLECTIONS)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
