"""The packages that only the sandbox needs: the extra `sandbox` of the project."""

from __future__ import annotations

from importlib.util import find_spec

from kibana_builder.errors import KbuildError

MODULES = ("starlette", "uvicorn", "python_multipart")


def check_installed() -> None:
    """Raise KbuildError with the command that helps unless the extra is installed; imports none of it."""
    if not all(map(find_spec, MODULES)):
        raise KbuildError("the sandbox needs packages that are not installed: pip install 'kibana-builder[sandbox]'")
