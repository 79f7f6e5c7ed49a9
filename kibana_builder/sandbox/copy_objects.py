"""`POST /api/spaces/_copy_saved_objects`: an export from one space, imported into others."""

from __future__ import annotations

from kibana_builder.json_tree import JsonObject
from kibana_builder.sandbox.answers import Answer, Refusal
from kibana_builder.sandbox.calls import Call
from kibana_builder.sandbox.export_objects import exported, objects_by_key, references_first, with_references
from kibana_builder.sandbox.import_objects import Import, carry_out, report


def copy_objects(call: Call) -> Answer:
    wish = call.body
    if wish["createNewCopies"] and wish["overwrite"]:
        raise Refusal(400, "cannot use [overwrite] with [createNewCopies]")
    with call.store.transaction():
        chosen = objects_by_key(call.store, call.space, wish["objects"])
        if wish["includeReferences"]:
            chosen = with_references(call.store, call.space, chosen, [])
        ordered = references_first(chosen)
        results: JsonObject = {}
        for space in wish["spaces"]:
            work = Import(call.store, space, wish["overwrite"], wish["createNewCopies"])
            carry_out(work, [exported(each, {}) for each in ordered])
            outcome = report(work)
            del outcome["warnings"]
            results[space] = outcome
    return Answer(results)
