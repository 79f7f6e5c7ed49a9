"""Source into Kibana: first a plan that only reads, then that plan in as few imports as Kibana's limits allow."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kibana_builder.errors import CannotConnect, KbuildError, KibanaError
from kibana_builder.json_tree import JsonObject
from kibana_builder.kibana.http import Kibana
from kibana_builder.kibana.saved_objects import ImportResult, bulk_get, import_objects, split_for_import
from kibana_builder.kibana.tags import TagIndex, all_tags
from kibana_builder.saved.ids import Key, key_of, place_in_space, rename_ids
from kibana_builder.saved.normal_form import content_hash, same_object
from kibana_builder.saved.tag import to_tag
from kibana_builder.sync.backups import BackupFolder, Entry
from kibana_builder.sync.changes import Change, Plan, title_of
from kibana_builder.sync.check import check_objects, check_references
from kibana_builder.sync.classify import NO_CONSENT, Consent, classify, classify_tag
from kibana_builder.sync.live import changed_meanwhile, free_tag_id, project_tag
from kibana_builder.sync.marks import project_tag_name, reference_keys

__all__ = ["Failure", "Outcome", "apply", "plan_apply"]

# What others refer to goes first: an import cut in two must not refer to what is not there yet.
_ORDER = {"tag": 0, "index-pattern": 1, "dashboard": 3}
_BETWEEN = 2


@dataclass(frozen=True, slots=True)
class Failure:
    """A change that Kibana did not make as it was asked to, and why."""

    change: Change
    words: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an apply did, object by object: together they are the plan's writes.

    `unsent` were not sent, or nothing of their import was written; of `unknown` nobody can say, because no answer
    came. Whatever happened, applying again finishes the work.
    """

    written: Sequence[Change] = ()
    failed: Sequence[Failure] = ()
    unsent: Sequence[Change] = ()
    unknown: Sequence[Change] = ()
    error: KibanaError | None = None
    backup: Path | None = None

    @property
    def complete(self) -> bool:
        """Whether everything is in Kibana as the source says."""
        return not (self.failed or self.unsent or self.unknown)


def plan_apply(  # noqa: PLR0913 - what is applied, and how far it may go
    kibana: Kibana,
    project: str,
    objects: Sequence[JsonObject],
    *,
    files: Mapping[Key, str] | None = None,
    keep: Collection[Key] = frozenset(),
    consent: Consent = NO_CONSENT,
) -> Plan:
    """Compare the objects with what is live in the client's space. Reads only: the tags, and our objects by id.

    `objects` are what `build` gives, with their ids in the default space; `files` names the file of each. `keep` are
    the objects whose id the project names (data views): their ids are the same in every space.
    Raises KbuildError for objects that Kibana could not take, TooLarge for one over its limit, and KibanaError.
    """
    files = files or {}
    check_objects(objects, files)
    tags = all_tags(kibana)
    tag = project_tag(tags, project, kibana.space)
    placed = _placed(objects, tags, kibana.space, keep)
    names = {key_of(new): files.get(key_of(old), "") for old, new in zip(objects, placed, strict=True)}
    placed = _with_project_tag(_unique(placed), tag.id, project)
    keys = [key_of(item) for item in placed]
    outside = {key for item in placed for key in reference_keys(item)} - set(keys)
    live = bulk_get(kibana, [*keys, *sorted(outside)])
    check_references(placed, live, names, kibana.place)
    changes = []
    for item in sorted(placed, key=lambda item: _ORDER.get(item["type"], _BETWEEN)):
        key = key_of(item)
        if key[0] == "tag":
            changes.append(classify_tag(item, live.get(key)))
        else:
            changes.append(classify(item, live.get(key), tag, consent, file=names.get(key, ""), shared=key in keep))
    plan = Plan(project, kibana.place, changes)
    split_for_import([change.desired for change in plan.writes])
    return plan


def _placed(objects: Sequence[JsonObject], tags: TagIndex, space: str, keep: Collection[Key]) -> list[JsonObject]:
    """Give the objects the ids of the space; tags those of the tags that are there by name."""
    found: dict[Key, str] = {}
    made: dict[str, str] = {}
    for item in objects:
        if item["type"] == "tag":
            name = title_of(item)
            ident = tags.id_of(name) or made.setdefault(name.lower(), free_tag_id(tags, name, space))
            found[key_of(item)] = ident
    return rename_ids(place_in_space(objects, space, {*keep, *found}), found)


def _unique(objects: Sequence[JsonObject]) -> list[JsonObject]:
    """Leave out a tag that is another of our tags in Kibana's eyes: names that differ in case alone."""
    return list({key_of(item): item for item in reversed(objects)}.values())[::-1]


def _with_project_tag(objects: list[JsonObject], ident: str, project: str) -> list[JsonObject]:
    if not objects:
        return []
    tag = to_tag(project_tag_name(project)) | {"id": ident}
    tag["attributes"] |= {"description": "Made and updated by kbuild"}
    return [tag, *objects]


def apply(kibana: Kibana, plan: Plan, backups: BackupFolder, context: str) -> Outcome:
    """Carry out a plan: keep what is overwritten, then import.

    Raises KbuildError, and has written nothing, when a change of the plan is blocked, when an object was changed
    since the plan was made, or when the backup cannot be kept. What goes wrong after that is in the outcome.
    """
    if plan.blocked:
        raise KbuildError(f"{len(plan.blocked)} of the objects may not be overwritten; nothing was sent")
    writes = _still_to_do(kibana, plan.writes)
    if not writes:
        return Outcome()
    chunks = split_for_import([change.desired for change in writes])
    backup = backups.keep(
        "apply",
        context=context,
        address=kibana.address,
        space=kibana.space,
        project=plan.project,
        new=[_entry(change) for change in writes if change.live is None],
        changed=[_entry(change) for change in writes if change.live is not None],
        objects=[change.live for change in writes if change.live is not None],
    )
    return _send(kibana, writes, chunks, backup.path)


def _entry(change: Change) -> Entry:
    return Entry(change.key, change.title, content_hash(change.desired))


def _still_to_do(kibana: Kibana, writes: Sequence[Change]) -> list[Change]:
    """Leave out what someone else has just written alike. Raises KbuildError for what was changed otherwise."""
    raced = changed_meanwhile(kibana, {change.key: change.live for change in writes})
    todo, others = [], []
    for change in writes:
        now = raced.get(change.key)
        if change.key not in raced:
            todo.append(change)
        elif now is None or not same_object(change.desired, now):
            others.append(change.name)
    if others:
        listed = "\n  ".join(others)
        raise KbuildError(f"changed in Kibana since the plan was made; nothing was sent. Apply again:\n  {listed}")
    return todo


@dataclass(slots=True)
class _Tally:
    """The outcome while it grows."""

    written: list[Change] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    unsent: list[Change] = field(default_factory=list)
    unknown: list[Change] = field(default_factory=list)
    error: KibanaError | None = None


def _send(kibana: Kibana, writes: Sequence[Change], chunks: list[list[JsonObject]], backup: Path) -> Outcome:
    """Send the chunks one after the other, until one does not go through as a whole."""
    by_key = {change.key: change for change in writes}
    tally = _Tally()
    for chunk in chunks:
        changes = [by_key[key_of(item)] for item in chunk]
        if tally.failed or tally.error:
            tally.unsent += changes
            continue
        try:
            result = import_objects(kibana, chunk)
        except KibanaError as error:
            tally.error = error
            _look_again(kibana, changes, tally)
        else:
            _take_in(result, changes, tally)
    return Outcome(tally.written, tally.failed, tally.unsent, tally.unknown, tally.error, backup)


def _take_in(result: ImportResult, changes: Sequence[Change], tally: _Tally) -> None:
    """Sort the changes of one import by what Kibana says of each."""
    problems = {problem.key: problem for problem in result.problems}
    nothing_written = any(problem.blocks for problem in result.problems)
    for change in changes:
        ident = result.written.get(change.key)
        if change.key in problems:
            tally.failed.append(Failure(change, problems[change.key].words))
        elif nothing_written:
            tally.unsent.append(change)
        elif ident is None:
            tally.failed.append(Failure(change, "Kibana says nothing of it"))
        elif ident != change.key[1]:
            tally.failed.append(Failure(change, _elsewhere(change, ident)))
        else:
            tally.written.append(change)


def _elsewhere(change: Change, ident: str) -> str:
    return (
        f"Kibana wrote it under the id '{ident}', because '{change.key[1]}' is taken in another space, or was. "
        f"Delete that copy; then give the object another id, or share the one that has it with this space"
    )


def _look_again(kibana: Kibana, changes: Sequence[Change], tally: _Tally) -> None:
    """Find out what an import did whose answer never came, or was an error."""
    try:
        live = bulk_get(kibana, [change.key for change in changes])
    except KibanaError:
        tally.unknown += changes
        return
    # A request whose answer never came may still be at work; one that got an error is over.
    rest = tally.unknown if isinstance(tally.error, CannotConnect) else tally.unsent
    for change in changes:
        now = live.get(change.key)
        there = now is not None and same_object(change.desired, now)
        (tally.written if there else rest).append(change)
