"""unknown-field: a field that the data view's index template does not have.

Fields of operations, formulas, controls, filters and annotations are looked up; those inside KQL are not. Dynamic
templates do not count: what they would let in is just what a typing error looks like. Where a component template of
the index template is not beside it, no field can be called unknown.

    y:
      - {operation: average, field: inference_time}     # did you mean 'inference_time_ms'?
"""

from __future__ import annotations

from collections.abc import Iterator

from kibana_builder.checks.field_uses import field_uses
from kibana_builder.files.source import Place, Source
from kibana_builder.problem import Finding
from kibana_builder.spec.nearest import did_you_mean
from kibana_builder.spec.words import quoted


def find(source: Source) -> Iterator[Place]:
    seen = set()
    for use in field_uses(source):
        if use.fields.has(use.field) or (use.spec.file.path, use.path, use.field) in seen:
            continue
        # A formula may name one field several times.
        seen.add((use.spec.file.path, use.path, use.field))
        message = f"the template of {quoted(use.view)} has no field {quoted(use.field)}"
        hint = did_you_mean(use.field, use.fields.by_name)
        yield Place(use.spec.file, Finding("unknown-field", message, use.path, hint=hint))
