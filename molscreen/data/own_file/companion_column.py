"""Which columns beside a target hold its relation (``<``, ``=``, ``>``) and its unit, found by content."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from molscreen.chem.missing import MISSING
from molscreen.data.files.columns import quoted
from molscreen.data.measured.assay_table import EQUAL
from molscreen.data.measured.cell_value import RELATIONS, plain_relation
from molscreen.endpoint import MOLAR, named_scale
from molscreen.errors import LibraryError

RELATION, UNIT = "relation", "unit"  # as in --relation-column, --unit-column
SHOWN = 6  # different texts of a column in a sentence

_WORD = re.compile(r"[^\W_]+")
_INNER_CAPITAL = re.compile(r"(?<=[a-z]{2})(?=[A-Z])")
_UNIT_WORDS = ("unit", "units")
_ROLES = {  # words of a name that say what a column is for, not of which quantity it speaks
    "value", "values", "relation", "relations", "rel", "sign", "operator", "op", "qualifier", "modifier",
    "prefix", "type", *_UNIT_WORDS, *map(str.lower, MOLAR),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Companions:
    """The columns that speak of targets: by target, "" where there is none.

    Attributes
    ----------
    relations, units : mapping of target to column
    notes : tuple of str
        What was found and not named by the user, in sentences.
    """

    relations: Mapping[str, str]
    units: Mapping[str, str]
    notes: tuple[str, ...]


def find_companions(
    path: str | Path,
    texts: Mapping[str, Sequence[str]],
    targets: Sequence[str],
    *,
    relations: Mapping[str, str],
    units: Mapping[str, str],
    molar: str = "",
    taken: Sequence[str] = (),
) -> Companions:
    """The columns of relations and units of numeric targets: those named, and those found.

    A column is one of relations where it holds nothing but relations, a bound among them; one of units
    where it holds nothing but molar units, or where its name says "unit" and some are molar. It is taken
    for that of a target where their names speak of one quantity (``Standard Value``, ``Standard Units``),
    or where there is one such column, one target, and no other column that it could speak of.

    Parameters
    ----------
    path : path
        For messages.
    texts : mapping of column to sequence of str
        Of every column, see `molscreen.data.files.column_texts.read_texts`.
    targets : sequence of str
        Columns of numbers.
    relations, units : mapping of target to column
        What is known already; for these nothing is looked for.
    molar : str
        Unit of all targets, where it is known; a column of units that never says so is refused.
    taken : sequence of str
        Columns that are something else.

    Raises
    ------
    LibraryError
        Several columns could be meant, or a column could speak of several.

    See Also
    --------
    molscreen.data.own_file.time_column.find_time_column : the column of dates.
    """
    named = {*targets, *relations.values(), *units.values(), *taken}
    search = _Search(path, texts, tuple(targets), frozenset(named))
    found_relations = search.assign(RELATION, [t for t in targets if t not in relations])
    found_units = search.assign(UNIT, [t for t in targets if t not in units and search.may_be_molar(t)])
    for target, column in found_units.items():
        search.require_unit(target, column, molar)
    search = replace(search, named=frozenset({*named, *found_units.values()}))
    notes = [
        *(search.note(RELATION, target, column) for target, column in found_relations.items()),
        *(search.note(UNIT, target, column) for target, column in found_units.items()),
        *search.note_mixtures(),
    ]
    return Companions({**found_relations, **relations}, {**found_units, **units}, tuple(notes))


def _quantity(name: str) -> tuple[str, ...]:
    """The words of a name without those that say what the column is for.

    Examples
    --------
    >>> _quantity("standard_value"), _quantity("Standard Units"), _quantity("IC50 (nM)"), _quantity("rel")
    (('standard',), ('standard',), ('ic50',), ())
    """
    return tuple(word for word in _words(name) if word not in _ROLES)


def _words(name: str) -> list[str]:
    return _WORD.findall(_INNER_CAPITAL.sub(" ", name).lower())


@dataclass(frozen=True, slots=True)
class _Search:
    """The columns of one file, and who may speak of whom."""

    path: str | Path
    texts: Mapping[str, Sequence[str]]
    targets: tuple[str, ...]
    named: frozenset[str]  # targets and whatever the user named: no companions

    def assign(self, role: str, targets: Sequence[str]) -> dict[str, str]:
        """Target to column, of those that have one."""
        is_one = _holds_relations if role == RELATION else _holds_units
        candidates = [c for c in self.texts if c not in self.named and is_one(c, self.texts[c])]
        found = {}
        for target in targets:
            alike = [c for c in candidates if _quantity(c) == _quantity(target)]
            if len(alike) == 1:
                found[target] = alike[0]
        free = [c for c in candidates if c not in found.values()]
        open_targets = [target for target in targets if target not in found]
        if not open_targets:
            return found
        for column in free:
            owner = self._owner(column)
            if owner and role == RELATION:
                self._refuse_foreign_bounds(column, owner, open_targets)
        free = [column for column in free if not self._owner(column)]
        if len(free) > 1:
            raise LibraryError(
                f"{self.path}: {len(free)} columns could be the {role} of '{open_targets[0]}':"
                f" {quoted(free)}. {_hint(role, free[0], open_targets[0])}"
            )
        if free and len(open_targets) > 1:
            raise LibraryError(
                f"{self.path}: column '{free[0]}' could be the {role} of each of {quoted(open_targets)}."
                f" {_hint(role, free[0], open_targets[0])}"
            )
        return found | dict(zip(open_targets, free, strict=False))

    def may_be_molar(self, target: str) -> bool:
        """Whether the values of a target may be concentrations: no logarithms, shares or negative numbers."""
        is_share = "%" in target or bool({"percent", "pct"} & set(_words(target)))
        is_signed = any(text.startswith("-") and text[1:2].isdigit() for text in self.texts[target])
        return not (is_share or is_signed or named_scale(target).logarithm)

    def _owner(self, column: str) -> str:
        """Another column of numbers, no target, that `column` may speak of; or "".

        By its name, or, where that names no quantity, because it is the IC50 of which a target is the pIC50.
        """
        about = _quantity(column)
        p_values = {"".join(_quantity(target)) for target in self.targets}
        for other in self.texts:
            quantity = _quantity(other)
            is_meant = quantity == about if about else f"p{''.join(quantity)}" in p_values
            if is_meant and other not in (column, *self.targets) and _holds_numbers(self.texts[other]):
                return other
        return ""

    def _refuse_foreign_bounds(self, column: str, owner: str, targets: Sequence[str]) -> None:
        """Raise where a relation of another quantity stands beside values of a target."""
        for target in targets:
            bounds = sum(RELATIONS[plain_relation(text)] != EQUAL for text in self._beside(target, column))
            if bounds:
                raise LibraryError(
                    f"{self.path}: column '{column}' holds < or > in {bounds:,} rows that have a value of"
                    f" '{target}', and it may be the relation of '{owner}'."
                    f" Make '{owner}' the target, or say what it is: {_hint(RELATION, column, target)}"
                )

    def require_unit(self, target: str, column: str, molar: str) -> None:
        """Raise where a unit was given that a column found never says."""
        molars = {MOLAR[unit] for unit in self._beside(target, column) if unit in MOLAR}
        if molar and molars and MOLAR.get(molar) not in molars:
            raise LibraryError(
                f"{self.path}: --unit says {molar}, and column '{column}' beside '{target}' says"
                f" {self._counts(target, column)}. Leave --unit out (Python: molar), or --unit-column none"
                f" (Python: UserColumns(units={{'{target}': ''}})) to read all values in {molar}"
            )

    def note(self, role: str, target: str, column: str) -> str:
        """What was found, with what it says."""
        said = f"column '{column}' was read as the {role} of '{target}' ({self._counts(target, column)})"
        if role == RELATION:
            return said
        is_mixed = any(unit not in MOLAR for unit in self._beside(target, column) if unit)
        return f"{said}, which becomes -log10(mol/L){'; other units are refused' if is_mixed else ''}"

    def note_mixtures(self) -> list[str]:
        """That values of several kinds or units are one endpoint, where a column no one uses says so."""
        kinds = [
            column
            for column in self.texts
            if column not in self.named and {"type", *_UNIT_WORDS} & set(_words(column))
        ]
        return [
            f"column '{column}' says {self._counts(target, column)}: all values of '{target}' are read as of"
            " one kind; keep the rows of one, unless that is meant"
            for target in self.targets
            for column in kinds
            if _quantity(column) == _quantity(target) and len(set(self._beside(target, column)) - {""}) > 1
        ]

    def _beside(self, target: str, column: str) -> list[str]:
        """The cells of a column in rows that have a value of the target; "" for nothing."""
        pairs = zip(self.texts[target], self.texts[column], strict=True)
        return ["" if t.lower() in MISSING else t for value, t in pairs if value.lower() not in MISSING]

    def _counts(self, target: str, column: str) -> str:
        """How often which text stands there."""
        counts = Counter(text.strip("'\"") or "nothing" for text in self._beside(target, column))
        listed = [f"{n:,} {text}" for text, n in counts.most_common(SHOWN)]
        return ", ".join(listed) + (", …" if len(counts) > SHOWN else "")


def _filled(texts: Sequence[str]) -> set[str]:
    return {text for text in texts if text.lower() not in MISSING}


def _holds_relations(_: str, texts: Sequence[str]) -> bool:
    """Whether a column holds nothing but relations, a bound among them: without one it says nothing."""
    found = {plain_relation(text) for text in _filled(texts)}
    return found <= RELATIONS.keys() and any(RELATIONS[each] != EQUAL for each in found)


def _holds_units(name: str, texts: Sequence[str]) -> bool:
    """Whether a column holds units, molar ones among them; ``M`` alone may as well be a sex, or a size."""
    found = _filled(texts)
    if set(_UNIT_WORDS) & set(_words(name)):
        return any(text in MOLAR for text in found)
    return bool(found - {"M"}) and found <= MOLAR.keys()


def _holds_numbers(texts: Sequence[str]) -> bool:
    found = _filled(texts)
    return sum(text.lstrip("<>=~≤≥ +-")[:1].isdigit() for text in found) > len(found) / 2


def _hint(role: str, column: str, target: str) -> str:
    """The option, and its argument in Python."""
    return (
        f"--{role}-column '{column}' for all targets, '{target}={column}' for one, none where there is none"
        f" (Python: UserColumns({role}s={{'{target}': '{column}'}}), or '' for none)"
    )
