"""ambiguous-name: a name that two files have.

A reference by name means one file. Files in different folders may have one name as long as nothing refers to it, or
they are referred to by their `id`.

    panels:
      - {visualization: latency}     # team-a/latency.yaml or team-b/latency.yaml?
"""

from __future__ import annotations

from collections.abc import Iterator

from kibana_builder.files.source import Place, Source, Spec
from kibana_builder.problem import Finding
from kibana_builder.spec.references import references
from kibana_builder.spec.words import quoted


def find(source: Source) -> Iterator[Place]:
    namesakes: dict[tuple[str, str], list[Spec]] = {}
    for spec in source.specs:
        namesakes.setdefault((spec.kind, spec.name), []).append(spec)
    ambiguous = {key: specs for key, specs in namesakes.items() if len({spec.id for spec in specs}) > 1}
    if not ambiguous:
        return
    for spec in source.selected:
        for reference in references(spec.kind, spec.file.value):
            files = ambiguous.get((reference.kind, reference.word))
            if files is not None:
                message = f"{quoted(reference.word)} is the name of {' and of '.join(file.file.name for file in files)}"
                yield Place(
                    spec.file, Finding("ambiguous-name", message, reference.path, hint="rename one of the files")
                )
