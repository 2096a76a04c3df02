"""A card for a file of your own: the columns you name become endpoints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from molscreen.arguments import as_sequence
from molscreen.chem.missing import MISSING
from molscreen.config import check_types
from molscreen.data.card import DataFile, DatasetCard
from molscreen.data.decimal_comma import Decimal
from molscreen.data.files.column_texts import read_texts
from molscreen.data.files.library import Library
from molscreen.data.measured.measurements import open_measurements
from molscreen.data.measurement import Measurement
from molscreen.data.own_file.companion_column import find_companions
from molscreen.data.own_file.found_kind import find_kind
from molscreen.endpoint import MOLAR, P_SCALE, Direction, Endpoint, Kind, check_molar, named_scale, split_unit
from molscreen.errors import ConfigError, LibraryError, did_you_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class UserColumns:
    """What the columns of a file are.

    Attributes
    ----------
    targets : tuple of str
        Columns of measurements, one endpoint each; of one alone its name will do.
    kind : {"regression", "classification"}, optional
        Of all targets; without it what is written in each column tells, see
        `molscreen.data.own_file.found_kind.find_kind`.
    smiles, id, split, time : str
        Columns; empty where the file has none, or, for the structure, where it is to be found.
    encoding : str
        Of a text file that is not UTF-8, for example "cp1252".
    decimal : {"", "comma", "point"}
        What stands before the decimals of numbers; found for each column where it is empty.
    molar : str
        Unit of all targets where they are concentrations (nM, uM …): a column ``IC50`` becomes the
        endpoint ``pIC50``, and so does ``IC50 (nM)``. Where a column says the units, that of rows in which
        it says nothing.
    names : mapping of target to str
        What their endpoints are called, where not as above or like the column.
    better : {"higher", "lower", "none"}
        Which way all targets are better for a drug.
    relations : mapping of target to column
        Columns of ``<``, ``=``, ``>``; a sign before the number is understood without. Of targets that are
        not named here the column is looked for, see `find_companions`; "" says that there is none.
    units : mapping of target to column
        Columns of nM, uM …, which say that the targets are concentrations, as `molar` does; looked for and
        said like `relations`.
    """

    targets: tuple[str, ...]
    kind: Kind | None = None
    smiles: str = ""
    id: str = ""
    split: str = ""
    time: str = ""
    encoding: str = ""
    decimal: Decimal = ""
    molar: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    better: Direction = "none"
    relations: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "targets", as_sequence(self.targets))
        check_types("columns", self)
        if not self.targets:
            raise ConfigError("no target column: name at least one column of measurements")
        for target in self.targets:
            if self.targets.count(target) > 1:
                raise ConfigError(f"the target column '{target}' is named twice; name it once")
        said = {"names": self.names, "relations": self.relations, "units": self.units}
        for name, by_target in said.items():
            for target in by_target:
                if target not in self.targets:
                    raise ConfigError(
                        f"{name}: '{target}' is no target.{did_you_mean(target, self.targets)}"
                        f" Targets: {', '.join(self.targets)}"
                    )
        if self.molar:
            check_molar(self.molar)
        for target in self.targets:
            unit = split_unit(target)[1]
            if unit and self.molar and MOLAR[unit] != MOLAR[self.molar]:
                raise ConfigError(f"column '{target}' says {unit}, and the unit given is {self.molar}")
            if (self.molar or self.units.get(target)) and named_scale(target).logarithm:
                raise ConfigError(
                    f"column '{target}' is a logarithm by its name, and would be taken for concentrations:"
                    " leave its unit out, or rename the column if that is what it holds"
                )

    @property
    def named(self) -> tuple[str, ...]:
        """Every column besides structure and id."""
        beside = (*self.relations.values(), *self.units.values())
        return tuple(filter(None, (*self.targets, *beside, self.split, self.time)))


def card_for_file(
    path: str | Path, columns: UserColumns, *, kinds: Mapping[str, Kind] = MappingProxyType({})
) -> DatasetCard:
    """A card that `molscreen.data.measured.assay.read_assay` reads like one that ships.

    Potencies, which are known by a unit of concentration or by names such as pIC50 and pKi, are activities:
    a molecule that is like none of their compounds is outside their domain. What else is measured is a
    property; a card.toml of your own says more.

    Parameters
    ----------
    path : path
        Any file that `molscreen.data.files.library` opens.
    columns : UserColumns
    kinds : mapping of target to kind
        Of targets of which it is known already, as of the endpoints of a bundle.

    Raises
    ------
    LibraryError
        The file cannot be read, lacks a column, a target has no value at all, or neither numbers nor labels,
        or it cannot be told which column is its relation or its unit.
    """
    texts = read_texts(open_user_file(path, columns))
    kinds = _find_kinds(path, texts, columns, kinds)
    beside = find_companions(
        path,
        texts,
        [target for target in columns.targets if kinds[target] == "regression"],
        relations=columns.relations,
        units=columns.units,
        molar=columns.molar,
        taken=columns.named,
    )
    columns = replace(columns, relations=beside.relations, units=beside.units)
    measurements = tuple(
        Measurement(
            endpoint=_endpoint(target, kinds[target], columns),
            column=target,
            molar=columns.molar,
            unit_column=columns.units.get(target, ""),
            relation_column=columns.relations.get(target, ""),
        )
        for target in columns.targets
    )
    return DatasetCard(
        name=Path(path).name,
        title=f"measurements of {Path(path).name}",
        licence="as agreed with the owner of the file",
        commercial=False,
        files=(DataFile(path=str(Path(path).absolute())),),
        smiles_column=columns.smiles,
        id_column=columns.id,
        split_column=columns.split,
        time_column=columns.time,
        encoding=columns.encoding,
        decimal=columns.decimal,
        measurements=measurements,
        notes=beside.notes,
    )


def open_user_file(path: str | Path, columns: UserColumns) -> Library:
    """The file, which has every column that is named.

    Raises
    ------
    LibraryError
        It cannot be read, or lacks a column.
    """
    library = open_measurements(
        path, columns.smiles, columns.id, encoding=columns.encoding, setting="--smiles-column"
    )
    for name in columns.named:
        if name not in library.columns:
            raise LibraryError(
                f"{path}: no column '{name}' besides structure and id.{did_you_mean(name, library.columns)}"
                f" Columns: {', '.join(library.columns) or 'none'} ({'; '.join(library.described)})"
            )
    return library


def _endpoint(target: str, kind: Kind, columns: UserColumns) -> Endpoint:
    is_label = kind == "classification"
    named = named_scale(target)
    is_concentration = bool(columns.molar or columns.units.get(target))
    is_p = not is_label and (is_concentration or named.p_scale)
    return Endpoint(
        name=columns.names.get(target) or (f"p{split_unit(target)[0]}" if is_concentration else target),
        kind=kind,
        unit="probability" if is_label else P_SCALE if is_p else "",
        direction=columns.better,
        role="activity" if is_p or (named.potency and not is_label) else "property",
    )


def _find_kinds(
    path: str | Path,
    texts: Mapping[str, Sequence[str]],
    columns: UserColumns,
    known: Mapping[str, Kind],
) -> dict[str, Kind]:
    """The kind of each target, by what is written in it where it is not known."""
    kinds = {}
    for target in columns.targets:
        counts = Counter(text for text in texts[target] if text.lower() not in MISSING)
        if not counts:
            raise LibraryError(f"{path}: column '{target}' holds no value")
        try:
            kinds[target] = columns.kind or known.get(target) or find_kind(counts)
        except ValueError as error:
            raise LibraryError(f"{path}: column '{target}' holds {error}") from None
    return kinds
