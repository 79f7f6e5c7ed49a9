"""Questions -> answers, for any executor: plan the queries, have them run, make the tables.

An executor of its own is only a `Run`: it answers queries, all those of a dashboard at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cache

from kibana_builder.date_math import now_ms
from kibana_builder.errors import KbuildError
from kibana_builder.preview.annotations import Annotations, annotations_table
from kibana_builder.preview.answer import Answer, PanelError, Table
from kibana_builder.preview.asking import Question
from kibana_builder.preview.plan import FieldsOf, Layer, Planned, plan
from kibana_builder.preview.query import Query, Rows, Unanswerable
from kibana_builder.preview.tables import table_of

__all__ = ["Run", "answers"]

Run = Callable[[Sequence[Query]], Sequence[Rows | Unanswerable]]
"""Gives what came for each query, or why nothing did."""


def answers(questions: Sequence[Question], run: Run, fields_of: FieldsOf) -> list[Answer | PanelError]:
    """Answer each question, in their order; what cannot be answered is a PanelError that names it."""
    began = time.monotonic()
    fields_of = cache(fields_of)  # of several panels, each may be a question to the server
    planned = [_planned(question, fields_of) for question in questions]
    queries = [query for layers in planned if isinstance(layers, list) for query in _queries(layers)]
    found = iter(run(queries) if queries else ())
    took = (time.monotonic() - began) * 1000
    return [
        layers
        if isinstance(layers, PanelError)
        else _answer(question, layers, [[next(found) for _ in _queries([layer])] for layer in layers], took)
        for question, layers in zip(questions, planned, strict=True)
    ]


def _planned(question: Question, fields_of: FieldsOf) -> list[Planned] | PanelError:
    try:
        return plan(question, fields_of)
    except Unanswerable as error:
        return PanelError(str(error))


def _queries(layers: Sequence[Planned]) -> list[Query]:
    return [query for layer in layers if not isinstance(layer, Unanswerable) for query in layer.queries]


def _answer(
    question: Question,
    layers: Sequence[Planned],
    came: Sequence[Sequence[Rows | Unanswerable]],
    took: float,
) -> Answer:
    tables = tuple(_table(layer, found) for layer, found in zip(layers, came, strict=True))
    intervals = [layer.interval for layer in layers if isinstance(layer, Layer) and layer.interval is not None]
    asked = [rows.asked for found in came for rows in found if isinstance(rows, Rows)]
    return Answer(tables, question.time_range, str(intervals[0]) if intervals else None, asked, took)


def _table(layer: Planned, found: Sequence[Rows | Unanswerable]) -> Table | PanelError:
    if isinstance(layer, Unanswerable):
        return PanelError(str(layer))
    wrong = [one for one in found if isinstance(one, Unanswerable)]
    if wrong:
        return PanelError(str(wrong[0]))
    rows = [one for one in found if isinstance(one, Rows)]
    try:
        return annotations_table(layer, rows) if isinstance(layer, Annotations) else _table_of_layer(layer, rows)
    except KbuildError as error:
        return PanelError(str(error))


def _table_of_layer(layer: Layer, rows: Sequence[Rows]) -> Table:
    return table_of(layer, rows or [Rows()], now_ms())
