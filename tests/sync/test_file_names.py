"""Names of files that every file system takes, and that lead nowhere else."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.sync.file_names import FreeNames, file_word, leads_outside

ID = ("dashboard", "0f1e")


@pytest.mark.parametrize(
    ("texts", "word"),
    [
        (["Latency (P95), EU-West"], "latency-p95-eu-west"),
        (["Überblick für Ærø & Łódź: Straße"], "uberblick-fur-aero-lodz-strasse"),
        (["ﬁne"], "fine"),
        (["日本語", "0F1E-22", "dashboard"], "0f1e-22"),
        (["../../x"], "x"),
        (["..", "/", "\0", "a"], "a"),
        (["C:\\Windows\\system32"], "c-windows-system32"),
        (["con"], "con-1"),
        (["COM1"], "com1-1"),
        (["kbuild"], "kbuild-1"),
        (["日本語", "", "…"], "object"),
        (["x" * 200], "x" * 64),
        ([" -a- "], "a"),
    ],
)
def test_words(texts: list[str], word: str) -> None:
    """Letters become those of ASCII where there are such; what Windows or kbuild keep for itself gets a number."""
    assert file_word(*texts) == word


@given(st.lists(st.text(), min_size=1, max_size=3))
def test_whatever_a_title_says(texts: list[str]) -> None:
    assert re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,63}[a-z0-9])?", file_word(*texts))


def test_names_are_free(tmp_path: Path) -> None:
    """In the folder, in whatever case and with either ending; among the objects of the type; and no other's id."""
    (tmp_path / "Latency.YAML").touch()
    (tmp_path / "errors.yml").touch()
    free = FreeNames()
    free.take("dashboard", "orders")
    free.refer_to(("dashboard", "prices"))
    free.refer_to(ID)
    words = ("latency", "errors", "orders", "prices", "0f1e", "stock", "stock")
    assert [free.file(ID, tmp_path, word) for word in words] == [
        *("latency-2", "errors-2", "orders-2", "prices-2", "0f1e", "stock", "stock-2"),
    ]
    assert free.file(("lens", "a"), tmp_path / "absent", "orders") == "orders"
    assert [free.name(("index-pattern", "a"), "orders") for _ in range(2)] == ["orders", "orders-2"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_out_of_the_folder_are_seen(tmp_path: Path) -> None:
    root, other = tmp_path / "root", tmp_path / "other"
    root.mkdir()
    other.mkdir()
    (root / "out").symlink_to(other)
    (root / "file.yaml").symlink_to(other / "file.yaml")
    (root / "in").symlink_to(root / "dashboards")
    assert leads_outside(root, root / "out" / "a.yaml")
    assert leads_outside(root, root / "file.yaml")
    assert leads_outside(root, root / ".." / "a.yaml")
    assert leads_outside(root, root)
    assert not leads_outside(root, root / "in" / "a.yaml")
    assert not leads_outside(root, root / "dashboards" / "a.yaml")
    (tmp_path / "link").symlink_to(root)
    assert not leads_outside(tmp_path / "link", tmp_path / "link" / "a.yaml")
