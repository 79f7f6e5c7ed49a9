"""The files that keep what Elasticsearch did not take."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.sinks.spill import Refusals, Spill, spill_path
from kibana_builder.errors import KbuildError

ADDRESS = "http://somewhere:9200"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)


def pairs(first: int, count: int) -> bytes:
    return b"".join(b'{"index":{"_id":"%d"}}\n{"n":%d}\n' % (number, number) for number in range(first, first + count))


def all_of(spill: Spill) -> bytes:
    found = []
    while spill:
        found.append(spill.first())
        spill.taken(found[-1])
    assert all(body.count(b"\n") % 2 == 0 for body in found)
    return b"".join(found)


def test_it_gives_whole_pairs_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """However large they are; then the file is gone."""
    monkeypatch.setattr("generator.sinks.spill.CHUNK_BYTES", 10)
    spill = Spill(ADDRESS)
    spill.add(pairs(0, 3))
    first = spill.first()
    spill.taken(first)
    spill.add(pairs(3, 2))
    assert spill.waiting() == 4
    assert first + all_of(spill) == pairs(0, 5)
    assert list(spill_path(ADDRESS).parent.iterdir()) == []


def test_runs_at_once_have_files_of_their_own() -> None:
    """What a run has is not touched by another; what all left belongs to the next."""
    spills = [Spill(ADDRESS) for _ in range(3)]
    for number, spill in enumerate(spills):
        spill.add(pairs(number, 1))
    assert [spill.paths for spill in spills] == [[spill_path(ADDRESS, number)] for number in (1, 2, 3)]
    assert not Spill(ADDRESS)
    assert all_of(spills[1]) == pairs(1, 1)
    for spill in spills:
        spill.close()
    found = Spill(ADDRESS)
    assert found.waiting() == 2
    found.add(pairs(3, 1))
    assert {all_of(found)} <= {pairs(0, 1) + pairs(2, 2), pairs(2, 1) + pairs(0, 1) + pairs(3, 1)}
    assert list(spill_path(ADDRESS).parent.iterdir()) == []


@pytest.mark.parametrize("torn", [b'{"index":{"_id"', b'{"index":{}}\n', b'{"index":{}}\n{"n":'])
def test_a_pair_that_was_broken_off_is_left_out(torn: bytes) -> None:
    """A run was killed, or the disk was full, while it wrote."""
    path = spill_path(ADDRESS)
    path.parent.mkdir(parents=True)
    path.write_bytes(pairs(0, 2) + torn)
    spill = Spill(ADDRESS)
    assert spill.waiting() == 2
    spill.add(pairs(2, 1))
    assert all_of(spill) == pairs(0, 3)


def test_what_kbuild_did_not_write_is_not_sent() -> None:
    """Nor lost: the file stays, and the line is named."""
    path = spill_path(ADDRESS)
    path.parent.mkdir(parents=True)
    path.write_bytes(pairs(0, 2) + b'{"delete":{}}\n{}\n')
    with pytest.raises(KbuildError, match=r"\.ndjson:5: this is no action of a bulk"):
        Spill(ADDRESS)
    assert path.stat().st_size > 0


def test_a_disk_that_is_full_leaves_whole_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be written whole is taken away again."""
    spill = Spill(ADDRESS)
    spill.add(pairs(0, 1))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(KbuildError, match=r"cannot be kept in .*\.ndjson: No space left on device"):
            spill.add(pairs(1, 100))
    assert spill_path(ADDRESS).read_bytes() == pairs(0, 1)
    spill.add(pairs(1, 1))
    assert all_of(spill) == pairs(0, 2)


def test_refusals_do_not_fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first megabytes are enough to see what is wrong."""
    monkeypatch.setattr("generator.sinks.spill.MOST_REFUSED_BYTES", 100)
    refusals = Refusals(ADDRESS)
    for number in range(10):
        refusals.add([pairs(number, 1)])
    assert refusals.path.read_bytes() == pairs(0, refusals.kept)
    assert 3 <= refusals.kept <= 5
