"""A choice between several objects, decided by looking at the value: which one is meant, before it is checked.

Each object of the choice has properties with fixed words (`type: gauge`, `operation: average`). `decide` finds the
property that tells most of them apart, groups the objects by its words, and goes on inside each group. The word that
the value has there then names the one object that it is held against. Objects without the property make a group of
their own: a panel with `visualization` has no `type`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.spec.mistakes import (
    Check,
    Mistake,
    Mistakes,
    near_word,
    not_supported,
    nothing_decides,
    unknown_property,
    unknown_value,
    wrong_type,
)
from kibana_builder.spec.words import listed, quoted

__all__ = ["Choice", "decide"]

WordsOf = Callable[[str], Sequence[Json]]
_MOST_OWNERS = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """One or several objects (as flat schemas), and the check of a value that shall be one of them.

    `names` are the properties by which a value shows that one of these is meant; none, when `{}` would do.
    """

    check: Check
    objects: Sequence[JsonObject]
    names: Sequence[str] = ()

    def meant_by(self, value: JsonObject) -> bool:
        return not self.names or any(name in value for name in self.names)

    def has(self, name: str) -> bool:
        return any(name in node["properties"] for node in self.objects)


def decide(
    choices: Sequence[Choice], foreign: Mapping[str, list[str]], words_of: WordsOf, asked: frozenset[str] = frozenset()
) -> Choice:
    """Make one choice of several.

    `foreign` are the words, by property, that Kibana knows and kbuild does not. `words_of` gives the words that may
    stand under a property anywhere in the schema; it is asked for messages only. `asked` are the properties that
    were looked at to get here.
    """
    if len(choices) == 1:
        return choices[0]
    objects = [node for choice in choices for node in choice.objects]
    name = _deciding_property(objects, asked)
    if name is None:
        return Choice(_first_that_fits(choices), objects, _own_names(choices))
    groups: dict[str, list[Choice]] = {}
    without = []
    for choice in choices:
        (node,) = choice.objects
        for word in _words(node, name):
            groups.setdefault(word, []).append(choice)
        if name not in node.get("required", ()):
            without.append(choice)
    asked |= {name}
    decided = {word: decide(group, foreign, words_of, asked) for word, group in groups.items()}
    other = decide(without, foreign, words_of, asked) if without else None
    check = _ByProperty(name, decided, other, foreign.get(name, ()), words_of).check
    if other is None:
        return Choice(check, objects, [name])
    return Choice(check, objects, [name, *other.names] if other.names else ())


def _words(node: JsonObject, name: str) -> Sequence[str]:
    item = node["properties"].get(name, {})
    return [item["const"]] if "const" in item else item.get("enum", ())


def _deciding_property(nodes: Sequence[JsonObject], asked: frozenset[str]) -> str | None:
    """Find the property that most objects demand and whose words leave the fewest of them together."""
    best: tuple[int, int] | None = None
    found = None
    for name in dict.fromkeys(name for node in nodes for name in node["properties"] if name not in asked):
        words = [_words(node, name) for node in nodes if name in node["properties"]]
        if not all(words):
            continue
        together = max(Counter(chain.from_iterable(words)).values())
        if together == len(nodes):
            continue
        rank = (sum(name in node.get("required", ()) for node in nodes), -together)
        if best is None or rank > best:
            best, found = rank, name
    return found


def _own_names(choices: Sequence[Choice]) -> Sequence[str]:
    """Give what each choice demands and no other has, one name for each; none, when one of them demands nothing."""
    names = []
    for choice in choices:
        own = [name for name in choice.names if not any(other.has(name) for other in choices if other is not choice)]
        if not own:
            return ()
        names.append(own[0])
    return names


def _first_that_fits(choices: Sequence[Choice]) -> Check:
    """Make the check of a choice that no word decides: good when one is good, else what the nearest one says."""
    names = _own_names(choices)

    def check_all(value: JsonObject) -> Mistakes:
        meant = [choice for choice, name in zip(choices, names, strict=False) if name in value] or choices
        results = [choice.check(value) for choice in meant]
        return min(results, key=len)

    return check_all


@dataclass(frozen=True, slots=True)
class _ByProperty:
    """The choice that the word under `name` decides; `other` is for values without one."""

    name: str
    decided: Mapping[str, Choice]
    other: Choice | None
    foreign: Iterable[str]
    words_of: WordsOf

    def check(self, value: JsonObject) -> Mistakes:
        word = value.get(self.name)
        choice = self.decided.get(word) if isinstance(word, str) else None
        if choice is None:
            return self._without_word(value) if self.name not in value else [self._wrong_word(word)]
        mistakes = choice.check(value)
        return self._explained(mistakes, str(word)) if mistakes else mistakes

    def _without_word(self, value: JsonObject) -> Mistakes:
        if self.other is not None and self._other_is_meant(value):
            return self.other.check(value)
        names = [self.name, *(self.other.names if self.other else ())]
        for name in names:
            if key := near_word(name, [key for key in value if not self._has(key)]):
                mistake = unknown_property(key, [name])
                mistake.path.append(key)
                return [mistake]
        return [nothing_decides(names, list(self.decided))]

    def _other_is_meant(self, value: JsonObject) -> bool:
        """Tell by what only that one demands, as far as it demands anything that the others do not know.

        One that demands nothing is meant, unless the word that decides is there under a name that is nearly right.
        """
        names = self.other.names if self.other else ()
        own = [name for name in names if not any(choice.has(name) for choice in self.decided.values())]
        if not names:
            return not near_word(self.name, [key for key in value if not self._has(key)])
        return any(name in value for name in own or names)

    def _has(self, name: str) -> bool:
        return any(choice.has(name) for choice in self.decided.values()) or bool(self.other and self.other.has(name))

    def _wrong_word(self, word: Json) -> Mistake:
        if not isinstance(word, str):
            mistake = wrong_type(word, "a text", (str,))
        elif word in self.foreign:
            mistake = not_supported(self.name, word)
        else:
            mistake = unknown_value(word, self.name, list(self.decided), self.words_of(self.name))
        mistake.path.append(self.name)
        return mistake

    def _explained(self, mistakes: Mistakes, word: str) -> Mistakes:
        """Say of what is missing or unknown in this very object which word it goes with."""
        for mistake in mistakes:
            if not mistake.names or len(mistake.path) != (mistake.at == "key"):
                continue
            if mistake.rule == "missing-property":
                self._explain_missing(mistake, word)
            elif self.other and mistake.names[0] in self.other.names:
                # What else is wrong comes of this: the person meant the other kind, or both.
                mistake.message = f"{quoted(mistake.names[0])} does not go with {self.name} {quoted(word)}"
                mistake.hint = f"leave out one of {quoted(self.name)} and {quoted(mistake.names[0])}"
                return [mistake]
            else:
                self._explain_unknown(mistake, word)
        return mistakes

    def _explain_missing(self, mistake: Mistake, word: str) -> None:
        objects = [node for choice in self.decided.values() for node in choice.objects]
        if not all(name in node.get("required", ()) for node in objects for name in mistake.names):
            mistake.message = f"{self.name} {quoted(word)} needs {listed(map(quoted, mistake.names), 'and')}"
            mistake.names = ()

    def _explain_unknown(self, mistake: Mistake, word: str) -> None:
        (key,) = mistake.names
        owners = [owner for owner, choice in self.decided.items() if choice.has(key)]
        if not owners or word in owners:
            return
        if len(owners) <= _MOST_OWNERS:
            mistake.message = f"{quoted(key)} belongs to {self.name} {listed(owners)}, not to {word}"
        else:
            mistake.message = f"{quoted(key)} does not go with {self.name} {word}"
        mistake.hint, mistake.names = "", ()
