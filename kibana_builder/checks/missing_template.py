"""missing-template, wrong-template: an index template that kbuild.yaml names and that is not there, or is none.

Without it the fields of its data view cannot be checked. A missing file is a warning, once for each file: it may be
generated, or not yet written. One that is no template is an error.

    data_views:
      ml-metrics: {index_pattern: "ml-metrics-*", template: index_templates/ml-metrics.json}
"""

from __future__ import annotations

from collections.abc import Iterator

from kibana_builder.files.source import Place, Source
from kibana_builder.problem import Finding
from kibana_builder.spec.fields import NoTemplate
from kibana_builder.spec.words import quoted


def find(source: Source) -> Iterator[Place]:
    seen = set()
    for view in source.project.data_views.values():
        template = source.templates.get(view.template or "")
        if not isinstance(template, NoTemplate) or view.template in seen:
            continue
        seen.add(view.template)
        path = ("data_views", view.name, "template")
        if template.missing:
            message = f"there is no file {view.template}, so the fields of {quoted(view.name)} are not checked"
            yield Place(source.project.file, Finding("missing-template", message, path, severity="warning"))
        else:
            message = f"{view.template} is no index template: {template.reason}"
            yield Place(source.project.file, Finding("wrong-template", message, path))
