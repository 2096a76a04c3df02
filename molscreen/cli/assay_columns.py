"""What the options of the command line say of the columns of a file of measurements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NoReturn

from molscreen.cli.options import Method, Task
from molscreen.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from molscreen.data.own_file.user_card import UserColumns
    from molscreen.endpoint import Direction, Endpoint

NONE = "none"  # in place of a column that there is not


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnOptions:
    """The options that several verbs share, as given; None where left out.

    Attributes
    ----------
    relations, units : sequence of str, optional
        ``COLUMN`` for all targets, ``TARGET=COLUMN`` for one; `NONE` in place of a column.
    names : sequence of str, optional
        ``NAME`` of the only target, ``TARGET=NAME`` of one.
    """

    targets: Sequence[str] | None = None
    smiles: str | None = None
    id: str | None = None
    encoding: str | None = None
    decimal: Literal["comma", "point"] | None = None
    task: Task | None = None
    unit: str | None = None
    relations: Sequence[str] | None = None
    units: Sequence[str] | None = None
    names: Sequence[str] | None = None
    better: Direction | None = None
    split_column: str | None = None
    time_column: str | None = None

    @property
    def by_option(self) -> dict[str, object]:
        """What was given, by the name of its option."""
        return {
            "--target-column": self.targets,
            "--smiles-column": self.smiles,
            "--id-column": self.id,
            "--encoding": self.encoding,
            "--decimal": self.decimal,
            "--task": self.task,
            "--unit": self.unit,
            "--relation-column": self.relations,
            "--unit-column": self.units,
            "--name": self.names,
            "--better": self.better,
            "--split-column": self.split_column,
            "--time-column": self.time_column,
        }

    def columns(self, targets: tuple[str, ...]) -> UserColumns:
        """The same for the engine, of these columns of measurements.

        Raises
        ------
        UsageError
            A target is given two columns, or something that cannot be is said of one.
        """
        from molscreen.data.own_file.user_card import UserColumns

        return UserColumns(
            targets=targets,
            kind=self.task,
            smiles=self.smiles or "",
            id=self.id or "",
            split=self.split_column or "",
            time=self.time_column or "",
            encoding=self.encoding or "",
            decimal=self.decimal or "",
            molar=self.unit or "",
            names=_by_target("--name", self.names, targets),
            better=self.better or "none",
            relations=_by_target("--relation-column", self.relations, targets),
            units=_by_target("--unit-column", self.units, targets),
        )


def own_columns(assay: str, options: ColumnOptions, *, split: Method | None) -> UserColumns | None:
    """What the columns of a file of one's own are; None for a data set or a training file.

    Raises
    ------
    UsageError
        No target column is named, two options exclude each other, or one is not for a data set.
    """
    if split is not None and options.split_column is not None:
        raise UsageError("--split and --split-column are both given: leave one out")
    if options.time_column is not None and split != "time":
        raise UsageError("--time-column is given without --split time: add that, or leave it out")
    if _is_own_file(assay, options.targets):
        return options.columns(tuple(options.targets or _refuse_without_target(assay, options)))
    if named := [option for option, value in options.by_option.items() if value]:
        raise UsageError(
            f"{', '.join(named)}: for a file of your own; '{assay}' is a data set or a training file,"
            " which names its columns itself"
        )
    return None


def match_targets(columns: Sequence[str], endpoints: Sequence[Endpoint]) -> dict[str, Endpoint]:
    """Column to endpoint: by name, as ``COLUMN=ENDPOINT``, or the only one there is.

    Raises
    ------
    UsageError
        No endpoint has the name (those there are, are listed), or two are paired with one.
    """
    known = {endpoint.name: endpoint for endpoint in endpoints}
    matched: dict[str, Endpoint] = {}
    for text in columns:
        column, _, name = text.partition("=") if text not in known else (text, "", text)
        if not name and len(known) == len(columns) == 1:
            name = next(iter(known))
        if (name or column) not in known:
            raise UsageError(
                f"--target-column {text}: the bundle has no endpoint '{name or column}'."
                f"{did_you_mean(name or column, known)} COLUMN=ENDPOINT pairs them."
                f" It predicts: {', '.join(known)}"
            )
        endpoint = known[name or column]
        if column in matched:
            raise UsageError(f"--target-column {text}: column '{column}' has an endpoint already")
        if endpoint in matched.values():
            raise UsageError(f"--target-column {text}: endpoint '{endpoint.name}' has a column already")
        matched[column] = endpoint
    return matched


def _by_target(option: str, texts: Sequence[str] | None, targets: Sequence[str]) -> Mapping[str, str]:
    """Target to column, or name, from ``COLUMN`` and ``TARGET=COLUMN``; "" for `NONE`.

    Raises
    ------
    UsageError
        A target is given two.
    """
    found: dict[str, str] = {}
    for text in texts or ():
        target, _, column = text.partition("=")
        pairs = {target: column} if target in targets and column else dict.fromkeys(targets, text)
        for each in pairs:
            if each in found:
                raise UsageError(f"{option} {text}: something else is said of '{each}' already")
        found |= {each: "" if name == NONE else name for each, name in pairs.items()}
    return found


def _is_own_file(assay: str, targets: Sequence[str] | None) -> bool:
    """Whether the argument is a file of measurements, not the name of a data set or a TOML file."""
    from molscreen.data.card import known_cards

    path = Path(assay)
    if path.suffix == ".toml":
        return False
    return path.is_file() or bool(path.suffix) or (bool(targets) and assay not in known_cards())


def _refuse_without_target(assay: str, options: ColumnOptions) -> NoReturn:
    """Name the columns that could be meant.

    Raises
    ------
    UsageError
    """
    from molscreen.data.measured.measurements import open_measurements

    library = open_measurements(
        assay, options.smiles or "", "", encoding=options.encoding or "", setting="--smiles-column"
    )
    raise UsageError(
        f"{assay}: --target-column is missing; name the columns of measurements."
        f" Columns: {', '.join(library.columns) or 'none'} ({'; '.join(library.described)})"
    )
