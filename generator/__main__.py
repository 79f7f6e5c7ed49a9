"""`python -m generator`: the same as `kbuild generate`."""

from __future__ import annotations

import sys

from kibana_builder.commands import run

if __name__ == "__main__":
    sys.exit(run(["generate", *sys.argv[1:]]))
