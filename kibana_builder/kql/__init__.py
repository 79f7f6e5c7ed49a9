"""ROOM kql: the text of a KQL query -> its tree -> query DSL.

Touches nothing. The checks ask whether a query can be read, the preview asks what it means.
"""

from kibana_builder.kql.dsl import DATES, Fields, FieldType, to_dsl
from kibana_builder.kql.syntax import parse
from kibana_builder.kql.tree import (
    And,
    Is,
    KqlError,
    Literal,
    MatchAll,
    MisplacedField,
    Nested,
    Node,
    Not,
    Or,
    Range,
    Wildcard,
)

__all__ = [
    "DATES",
    "And",
    "FieldType",
    "Fields",
    "Is",
    "KqlError",
    "Literal",
    "MatchAll",
    "MisplacedField",
    "Nested",
    "Node",
    "Not",
    "Or",
    "Range",
    "Wildcard",
    "parse",
    "to_dsl",
]
