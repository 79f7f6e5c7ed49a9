"""A project's files on the page: compiled as for Kibana, read anew whenever a file is saved.

What has an error is not there, and its problem stands where it would be; everything else is shown.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from kibana_builder.errors import SpecError
from kibana_builder.files.source import Source
from kibana_builder.preview.library import Library, library_of
from kibana_builder.problem import Problem
from kibana_builder.saved.build import build

__all__ = ["ProjectShow"]


class ProjectShow:
    """The library of a project as its files are now; `load` reads them, `version` counts what was read."""

    def __init__(self, load: Callable[[], Source]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._library = Library()
        self._count = 0
        self.problems: list[Problem] = []
        self.refresh()

    def library(self) -> Library:
        with self._lock:
            return self._library

    def version(self) -> str:
        with self._lock:
            return str(self._count)

    def refresh(self) -> None:
        """Read the files. When nothing can be shown of them, what was shown before stays, with the problem."""
        try:
            source = self._load()
            problems = source.problems
            library = _library(source)
        except SpecError as error:
            problems = error.problems
            with self._lock:
                before = self._library
            words = {**before.problems, "": _words(problems)}
            library = Library(before.dashboards, before.visualizations, before.data_views, before.objects, words)
        with self._lock:
            self._library, self.problems = library, list(problems)
            self._count += 1


def _library(source: Source) -> Library:
    """Compile what is sound; the ids of files with errors lead to their problems."""
    wrong = {}
    for name in sorted(source.broken):
        own = [problem for problem in source.problems if _stem(problem.file) == name]
        # What refers to a file with errors refers to its name, since nobody knows its id.
        wrong[name] = wrong[f"{source.project.name}-{name}"] = _words(own or source.problems)
    objects = [one.object for one in build(source)]
    return library_of(objects, wrong)


def _stem(file: str) -> str:
    return file.rpartition("/")[2].rpartition(".")[0]


def _words(problems: Sequence[Problem]) -> str:
    return "\n".join(f"{one.file}:{one.line}:{one.column}: {one.message}" for one in problems[:5])
