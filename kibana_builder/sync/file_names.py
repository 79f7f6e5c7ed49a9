"""Titles -> file names that every file system takes, and that lead nowhere but into the project's folder."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection
from pathlib import Path

from kibana_builder.files.folders import PROJECT_FILE
from kibana_builder.saved.ids import Key

__all__ = ["FreeNames", "file_word", "leads_outside"]

_LONGEST = 64
# Letters that Unicode does not take apart into a letter of ASCII and a mark.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
# Names that Windows keeps for devices, whatever their ending; and a file of ours that is no dashboard.
_KEPT = re.compile(r"con|prn|aux|nul|(?:com|lpt)[0-9]|" + re.escape(PROJECT_FILE.removesuffix(".yaml")))


def file_word(*texts: str) -> str:
    """Make a word of small letters, digits and `-` of the first text that has any of them, or gives some.

    >>> file_word("Überblick: Ærø (P95)")
    'uberblick-aero-p95'
    >>> file_word("日本語", "0F1E-22")
    '0f1e-22'
    """
    for text in texts:
        plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS)).encode("ascii", "ignore").decode()
        if word := re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].rstrip("-"):
            return f"{word}-1" if _KEPT.fullmatch(word) else word
    return "object"


def leads_outside(root: Path, path: Path) -> bool:
    """Tell whether a path, with all links on its way followed, is not below the folder."""
    inside, target = os.path.realpath(root), os.path.realpath(path)
    return os.path.commonpath([inside, target]) != inside or inside == target


class FreeNames:
    """Gives names to new files and data views.

    No two files of a folder have one name, in whatever case; no two objects of a type do, since others refer to them
    by it; and none is the id of another object: what refers to that id would mean the new one.
    """

    def __init__(self) -> None:
        self._in_folder: dict[Path, set[str]] = {}
        self._names: set[Key] = set()
        self._ids: set[Key] = set()

    def take(self, kind: str, name: str) -> None:
        """Remember a name that an object of a type has."""
        self._names.add((kind, name))

    def refer_to(self, key: Key) -> None:
        """Remember that something refers to an object by its id."""
        self._ids.add(key)

    def name(self, key: Key, word: str) -> str:
        """Give an object the word for its name, or the first of `word-2`, `word-3` … that is free."""
        return self._new(key, word, set())

    def file(self, key: Key, folder: Path, word: str) -> str:
        """Give an object the name of its file in the same way, without the ending."""
        there = self._in_folder.setdefault(folder, _names_in(folder))
        name = self._new(key, word, there)
        there.add(f"{name}.yaml")
        return name

    def _new(self, key: Key, word: str, there: Collection[str]) -> str:
        kind, ident = key
        number, free = 1, word
        while (
            (kind, free) in self._names
            or ((kind, free) in self._ids and free != ident)
            or any(f"{free}{ending}" in there for ending in (".yaml", ".yml"))
        ):
            number += 1
            free = f"{word}-{number}"
        self._names.add((kind, free))
        return free


def _names_in(folder: Path) -> set[str]:
    try:
        return {name.casefold() for name in os.listdir(folder)}  # noqa: PTH208 - names only, also of broken links
    except OSError:
        return set()
