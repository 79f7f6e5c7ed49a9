"""The packages that only demo, preview and sandbox need: the extra `sandbox` of the project."""

from __future__ import annotations

from importlib.util import find_spec

from kibana_builder.errors import KbuildError

MODULES = ("starlette", "uvicorn", "python_multipart", "duckdb", "vl_convert", "markdown_it")

# Double quotes: in Windows' cmd single ones are part of the word.
INSTALL = 'pip install ".[sandbox]" in a clone of kbuild'
"""How to get them, in words."""


def check_installed() -> None:
    """Raise KbuildError with the command that helps unless the extra is installed; imports none of it."""
    if not is_installed():
        raise KbuildError(f"demo, preview and sandbox need packages that are not installed: {INSTALL}")


def is_installed() -> bool:
    """Tell whether the extra is installed; imports none of it."""
    return all(map(find_spec, MODULES))
