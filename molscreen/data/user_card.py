"""A card for a file of your own: the columns you name become endpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from molscreen.data.card import DataFile, DatasetCard, Measurement
from molscreen.data.library import open_library
from molscreen.data.measurements import LABELS, MISSING, read_options
from molscreen.endpoint import Endpoint, Kind
from molscreen.errors import ConfigError, LibraryError, did_you_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class UserColumns:
    """What the columns of a file are: the ``[assay]`` table of a training file.

    Attributes
    ----------
    targets : tuple of str
        Columns of measurements, one endpoint each.
    kind : {"regression", "classification"}, optional
        Of all targets; without it a column of nothing but labels (0 and 1) is a classification.
    smiles, id, split, time : str
        Columns; empty where the file has none, or, for the structure, where it is to be found.
    relations : mapping of target to column
        Columns of ``<``, ``=``, ``>``; a sign before the number is understood without.
    """

    targets: tuple[str, ...]
    kind: Kind | None = None
    smiles: str = ""
    id: str = ""
    split: str = ""
    time: str = ""
    relations: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.targets:
            raise ConfigError("[assay] targets is empty: name at least one column of measurements")
        for target in self.relations:
            if target not in self.targets:
                raise ConfigError(
                    f"[assay] relations: '{target}' is no target.{did_you_mean(target, self.targets)}"
                )


def card_for_file(path: str | Path, columns: UserColumns) -> DatasetCard:
    """A card that `molscreen.data.assay.read_assay` reads like one that ships.

    Direction and role of the endpoints are left open ("none", "property"): a card.toml of your own says more.

    Parameters
    ----------
    path : path
        Any file that `molscreen.data.library` opens.
    columns : UserColumns

    Raises
    ------
    LibraryError
        The file cannot be read, lacks a target, or a target has no value at all.
    """
    if columns.kind is None:
        kinds = _guess_kinds(path, columns)
    else:
        kinds = dict.fromkeys(columns.targets, columns.kind)
    measurements = tuple(
        Measurement(
            endpoint=_endpoint(target, kinds[target]),
            column=target,
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
        measurements=measurements,
    )


def _endpoint(name: str, kind: Kind) -> Endpoint:
    return Endpoint(name=name, kind=kind, unit="probability" if kind == "classification" else "")


def _guess_kinds(path: str | Path, columns: UserColumns) -> dict[str, Kind]:
    """A target whose every value is a label is a classification; one pass over the file."""
    library = open_library([str(path)], read_options(columns.smiles, columns.id))
    found = _positions(path, columns.targets, library.columns)
    seen: dict[str, set[str]] = {target: set() for target in columns.targets}
    for record in library.records():
        if record.fault is None:
            for target, position in found.items():
                seen[target].add(record.fields[position].strip().lower())
    for target, texts in seen.items():
        if not texts - MISSING:
            raise LibraryError(f"{path}: column '{target}' holds no value")
    return {
        target: "classification" if texts - MISSING <= LABELS.keys() else "regression"
        for target, texts in seen.items()
    }


def _positions(path: str | Path, targets: Sequence[str], found: Sequence[str]) -> dict[str, int]:
    for target in targets:
        if target not in found:
            raise LibraryError(
                f"{path}: no column '{target}'. Found: {', '.join(found)}.{did_you_mean(target, found)}"
            )
    return {target: list(found).index(target) for target in targets}
