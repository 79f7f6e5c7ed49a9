"""The table of cases itself: it can be read, and no two cases get in each other's way."""

import pytest

from tests.cases.enrichment import FINGERPRINT, Case, cases, same_event

FIELDS = {"confidence_level", "latency_category", "prediction_correct", "error_type"}


def test_every_case_has_a_name_of_its_own() -> None:
    """Names tell cases apart in a report."""
    names = [case.name for case in cases()]
    assert len(set(names)) == len(names)


def test_cases_do_not_overwrite_each_other() -> None:
    """All of them can be indexed at once: no two have the same id in the same index."""
    places = [(case.index, case.id) for case in cases() if case.id != FINGERPRINT]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("case", cases(), ids=str)
def test_a_case_is_whole(case: Case) -> None:
    """Each has one thing that comes in, and adds nothing but what the rules write."""
    assert (case.input is None) != (case.line is None)
    came = {"message": case.line} if case.input is None else case.input
    dead = case.index == "ml-dead-letter"
    allowed = {"@timestamp", "message", "reason"} if dead else {"@timestamp", "timestamp", *FIELDS}
    assert set(case.event) - set(came) <= allowed
    assert same_event(case, case.event)


def test_a_difference_is_seen() -> None:
    """The comparison fails for a field more, a field less and another value; false is not 0."""
    case = next(case for case in cases() if case.name == "different labels")
    assert not same_event(case, {**case.event, "more": 1})
    assert not same_event(case, {name: value for name, value in case.event.items() if name != "prediction_correct"})
    assert not same_event(case, {**case.event, "prediction_correct": 0})
    assert same_event(case, {**case.event, "nothing": None})
