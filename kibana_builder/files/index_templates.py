"""Index templates and component templates of Elasticsearch, as JSON files: what they say of fields.

https://www.elastic.co/guide/en/elasticsearch/reference/8.12/index-templates.html: the mappings stand in
`template.mappings`; an index template may be composed of component templates. Those are looked for beside it, as
`<name>.json`.
"""

from __future__ import annotations

import json
from pathlib import Path

from kibana_builder.files.yaml_file import MAX_BYTES
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.spec.fields import NoTemplate, Template

__all__ = ["read_template"]


def read_template(path: Path) -> Template | NoTemplate:
    """Read a template and the component templates that it is composed of."""
    said = _read(path)
    if isinstance(said, NoTemplate):
        return said
    mappings, complete = [], True
    components = said.get("composed_of", [])
    for name in components if isinstance(components, list) else []:
        component = _read(path.with_name(f"{name}.json")) if _is_file_name(name) else NoTemplate("", missing=True)
        if isinstance(component, NoTemplate):
            complete = False
        else:
            mappings.append(_mappings(component))
    own = _mappings(said)
    if not own and not components:
        return NoTemplate("it has no mappings, which stand in `template.mappings.properties`")
    return Template((*mappings, own), complete)


def _is_file_name(name: Json) -> bool:
    return isinstance(name, str) and Path(name).name == name and "\0" not in name


def _read(path: Path) -> JsonObject | NoTemplate:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            return NoTemplate("it is too large for a template")
        value = json.loads(data)
    except FileNotFoundError:
        return NoTemplate("there is no such file", missing=True)
    except OSError as error:
        return NoTemplate(f"it cannot be read: {error.strerror or type(error).__name__}")
    except UnicodeDecodeError:
        return NoTemplate("it is not UTF-8")
    except json.JSONDecodeError as error:
        return NoTemplate(f"it is no JSON: {error.msg} in line {error.lineno}, column {error.colno}")
    except (ValueError, RecursionError):
        return NoTemplate("it is no JSON that can be read")
    return value if isinstance(value, dict) else NoTemplate("it is no template, which is a JSON object")


def _mappings(said: JsonObject) -> JsonObject:
    template = said.get("template")
    mappings = template.get("mappings") if isinstance(template, dict) else None
    return mappings if isinstance(mappings, dict) else {}
