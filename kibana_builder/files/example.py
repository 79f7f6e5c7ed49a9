"""Where the example project is: the one that this repository holds at its top, shipped inside the package.

setup.py runs this file to learn what to copy, so it imports the standard library only.
"""

from __future__ import annotations

from pathlib import Path

EXAMPLE = ("kbuild.yaml", "dashboards/*.yaml", "visualizations/*.yaml", "index_templates/**/*.json")
"""The files of the example, as patterns below its folder."""

STACK = ("stack/.env", "stack/*.yml", "stack/*/*.yml", "stack/*/*.sh", "stack/logstash/pipeline/*.conf")
"""The files of the stack beside it."""

PACKAGE = Path(__file__).parent.parent


def example_folder() -> Path:
    """Return the folder of the example: inside an installed package, or the checkout that an editable install uses."""
    shipped = PACKAGE / "example"
    return shipped if shipped.is_dir() else PACKAGE.parent


def example_files(*, with_stack: bool = False) -> list[str]:
    """List the example's files, relative to its folder, with forward slashes and in a steady order."""
    folder = example_folder()
    patterns = (*EXAMPLE, *STACK) if with_stack else EXAMPLE
    return sorted(path.relative_to(folder).as_posix() for pattern in patterns for path in folder.glob(pattern))
