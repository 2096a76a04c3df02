"""DatasetCard: what a data set is, whose it is, and which column is which endpoint."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from molscreen.config import check_keys, read_toml, to_dataclass
from molscreen.data.decimal_comma import Decimal
from molscreen.data.measurement import Measurement
from molscreen.endpoint import Endpoint
from molscreen.errors import ConfigError, did_you_mean

Fold = Literal["", "train", "valid", "test"]
FOLDS: tuple[str, ...] = get_args(Fold)

CARDS_VARIABLE = "MOLSCREEN_CARDS"  # a folder of <name>/card.toml, instead of the one that ships


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where the bytes were taken from, so that anybody can take them again."""

    repository: str
    path: str
    commit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """One file of a data set: a ``[[file]]`` table.

    Attributes
    ----------
    path : str
        Relative to the data root; an absolute path stays as it is.
    sha256 : str
        Of the file as it lies on disk (compressed); empty for a user's own file, which is not checked.
    split : {"", "train", "valid", "test"}
        The official fold of every row, where the folds are separate files.
    structures : bool
        False for a companion file whose rows are not compounds (gene expression, a licence table).
    """

    path: str
    sha256: str = ""
    split: Fold = ""
    structures: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetCard:
    """What a data set is, whose it is, and which column is which endpoint.

    Attributes
    ----------
    name : str
        The folder of the card below ``datasets/``, for example ``tdc_admet/ames``.
    licence : str
        In the words of the source, doubts included.
    commercial : bool
        Whether weights trained on these data may ship with the package.
    metric, protocol : str
        What the literature reports for this set, for example "AUROC", and how it splits it.
    split_column, time_column, encoding : str
        Where there are such: the columns of the official fold (train, valid or test) and of the date, and the
        encoding of text files that are not UTF-8.
    decimal : {"", "comma", "point"}
        What stands before the decimals of numbers; found for each column where it is empty.
    subsets : mapping of name to column
        Columns of 0 and 1 that mark measurements to be reported apart, for example activity cliffs.
    problems : tuple of str
        What is known to be wrong with the data.
    corrections : mapping of id to SMILES
        Records whose structure in the file is not that of the compound they name, and the structure that is.
    notes : tuple of str
        How columns were found, in sentences for the user.
    """

    name: str
    title: str
    licence: str
    commercial: bool
    citation: str = ""
    doi: str = ""
    origins: tuple[Origin, ...] = ()
    files: tuple[DataFile, ...] = ()
    smiles_column: str = "smiles"
    id_column: str = ""
    split_column: str = ""
    time_column: str = ""
    encoding: str = ""
    decimal: Decimal = ""
    metric: str = ""
    protocol: str = ""
    measurements: tuple[Measurement, ...] = ()
    subsets: dict[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    corrections: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [m.endpoint.name for m in self.measurements]
        for name in names:
            if names.count(name) > 1:
                raise ConfigError(f"card '{self.name}': endpoint '{name}' is described twice")
        paths = {f.path for f in self.files}
        for measurement in self.measurements:
            if measurement.file and measurement.file not in paths:
                raise ConfigError(
                    f"card '{self.name}', endpoint '{measurement.endpoint.name}': no [[file]] has the path"
                    f" '{measurement.file}'.{did_you_mean(measurement.file, paths)}"
                )
        if self.corrections and not self.id_column:
            raise ConfigError(f"card '{self.name}': [corrections] are by id: name the id_column")
        if "" in self.corrections:
            raise ConfigError(
                f"card '{self.name}': [corrections] has an empty id, which many records may have"
            )

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The endpoints, in the order of the card."""
        return tuple(m.endpoint for m in self.measurements)

    def only(self, endpoints: Sequence[str]) -> DatasetCard:
        """The same card with the named endpoints alone, in the order asked for.

        Raises
        ------
        ConfigError
            The card has no endpoint of that name.
        """
        known = {m.endpoint.name: m for m in self.measurements}
        for name in endpoints:
            if name not in known:
                raise ConfigError(
                    f"card '{self.name}' has no endpoint '{name}'.{did_you_mean(name, known)}"
                    f" Known: {', '.join(known)}"
                )
        return dataclasses.replace(self, measurements=tuple(known[name] for name in endpoints))


def load_card(name_or_path: str | Path) -> DatasetCard:
    """The card of a name such as ``tdc_admet/ames``, or of a path to a ``card.toml``.

    Raises
    ------
    ConfigError
        There is no such card, or it is not as a card must be.
    """
    path = Path(name_or_path)
    if path.name != "card.toml":
        known = known_cards()
        if str(name_or_path) not in known:
            raise ConfigError(
                f"unknown data set '{name_or_path}'.{did_you_mean(str(name_or_path), known)}"
                f" Known: {', '.join(known)}"
            )
        path = cards_folder() / name_or_path / "card.toml"
    return _card_from_table(read_toml(path), where=str(path))


def known_cards() -> tuple[str, ...]:
    """The names of all cards, sorted.

    Raises
    ------
    ConfigError
        This installation has no folder of cards.
    """
    folder = cards_folder()
    return tuple(sorted(path.parent.relative_to(folder).as_posix() for path in folder.rglob("card.toml")))


def cards_folder() -> Path:
    """The folder of cards: ``$MOLSCREEN_CARDS``, or ``datasets/`` in the package or beside it.

    Raises
    ------
    ConfigError
        None of them is a folder with a ``card.toml`` in it.
    """
    package = Path(__file__).parents[1]
    named = os.environ.get(CARDS_VARIABLE)
    places = [Path(named)] if named else [package / "datasets", package.parent / "datasets"]
    for place in places:
        # An unrelated package may also be called `datasets`, so the name of the folder is not enough.
        if any(place.glob("*/card.toml")) or any(place.glob("*/*/card.toml")):
            return place
    raise ConfigError(
        f"no dataset cards in {' or '.join(str(place) for place in places)}."
        f" They are the folder 'datasets' of a checkout of molscreen: set {CARDS_VARIABLE} to it"
    )


def _card_from_table(table: Mapping[str, Any], *, where: str) -> DatasetCard:
    """A card from the tables of its file, each of which is named when it is wrong."""
    plain = {key: value for key, value in table.items() if key not in ("origin", "file", "endpoint")}
    tables = {
        "origins": [to_dataclass(Origin, e, where=w) for e, w in _array(table, "origin", where)],
        "files": [to_dataclass(DataFile, e, where=w) for e, w in _array(table, "file", where)],
        "measurements": [m for e, w in _array(table, "endpoint", where) for m in _measurements(e, where=w)],
    }
    return to_dataclass(DatasetCard, plain | tables, where=where)


def _array(table: Mapping[str, Any], name: str, where: str) -> list[tuple[dict[str, Any], str]]:
    """The entries of an array of tables, each with its place for error messages."""
    entries = table.get(name, [])
    if not isinstance(entries, list):
        raise ConfigError(f"{where}: '{name}' is one table, expected [[{name}]], a list of tables")
    return [(entry, f"{where}, [[{name}]] {number}") for number, entry in enumerate(entries, start=1)]


def _measurements(entry: Mapping[str, Any], *, where: str) -> list[Measurement]:
    """One or, with ``columns = [...]``, many: endpoints alike but for their name, the column's."""
    own = {f.name for f in dataclasses.fields(Measurement)} - {"endpoint"}
    check_keys(entry, own | {f.name for f in dataclasses.fields(Endpoint)} | {"columns"}, where=where)
    found = {key: value for key, value in entry.items() if key in own}
    described = {key: value for key, value in entry.items() if key not in own | {"columns"}}
    if "columns" not in entry:
        pairs = [(found, described)]
    elif "column" in entry or "name" in entry:
        raise ConfigError(f"{where}: 'columns' names the endpoints by itself; leave out 'column' and 'name'")
    else:
        pairs = [(found | {"column": c}, described | {"name": c}) for c in entry["columns"]]
    return [
        to_dataclass(Measurement, f | {"endpoint": to_dataclass(Endpoint, d, where=where)}, where=where)
        for f, d in pairs
    ]
