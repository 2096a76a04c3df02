"""FirstLook: what another run's models said of its rows, taken over so that they are not asked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc

from molscreen.errors import UsageError
from molscreen.prediction.prepare import NO_NUMBER
from molscreen.provenance import RunRecord, differences
from molscreen.screening.folder.commit import part_path, read_table
from molscreen.screening.folder.layout import FOLDERS
from molscreen.screening.folder.resume import is_part_of
from molscreen.screening.shard import Shard
from molscreen.screening.source import Source
from molscreen.screening.store.read import Store
from molscreen.storage import locate

SAID_BY = ("read", "bundles", "plugins", "featuriser", "versions")  # parts of an identity
WISHES = ("objective", "out_of_domain")  # keys of a plan that score what was said
ORIGIN = ("source", "line")  # of a row in the library; of one elsewhere the reader may say other things


@dataclass(frozen=True, slots=True)
class FirstLook:
    """Where the parts of another run's first look lie, and what they are good for.

    Attributes
    ----------
    path : str
        The folder of that run; a worker that does not see it looks for itself.
    fingerprint : str
        Of that run.
    is_scored_alike : bool
        Whether its plan had the same `WISHES`, so that whom it refused by them is refused again.
    """

    path: str
    fingerprint: str
    is_scored_alike: bool

    @classmethod
    def from_json(cls, value: Mapping[str, Any] | None) -> Self | None:
        """What `to_json` gave; None of None."""
        return None if value is None else cls(**value)

    def to_json(self) -> dict[str, Any]:
        """As a run record holds it."""
        return asdict(self)

    def part(self, shard: Shard) -> pa.Table | None:
        """What that run says of the rows of a shard; None where it has not the same rows, or not enough.

        Not enough is a part that hides what preparation said of a row behind "no number", where other
        numbers are wished for now.
        """
        path = part_path(locate(self.path) / FOLDERS["wide"], shard.index)
        if not is_part_of(path, shard, self.fingerprint):
            return None
        table = read_table(path)
        is_from_there = all(table[name].combine_chunks().equals(shard.batch.column(name)) for name in ORIGIN)
        is_enough = self.is_scored_alike or not pc.any(pc.equal(table["reason_code"], NO_NUMBER)).as_py()
        return table if is_from_there and is_enough else None


def find_first_look(
    folder: Path, record: RunRecord, identity: Mapping[str, Any], source: Source
) -> FirstLook:
    """That of the run in a folder, for another run of this identity over this source.

    The same models must have been asked, in the same way, about files that this library has too, or a store
    that has grown since; rows that now come after others are looked at anew. How they were wished for,
    filtered, looked at again and chosen does not matter.

    Raises
    ------
    UsageError
        It is not usable; the message lists every difference.
    """
    changed = differences(_said_by(record.identity), _said_by(identity))
    lacking = _lacking(record.identity["inputs"], identity["inputs"], source)
    if lacking:
        changed.append(f"{', '.join(lacking)} of its library: not in this one, or changed")
    is_scored_alike = all(record.identity["plan"][key] == identity["plan"][key] for key in WISHES)
    if not is_scored_alike and record.identity["plan"]["out_of_domain"] == "refuse":
        changed.append(
            'that run left out compounds outside the domain (out_of_domain = "refuse"), which another'
            " objective may rank"
        )
    if changed:
        raise UsageError(
            f"first look {folder}: cannot be taken over: {'; '.join(changed)}. Leave it out, and all rows are"
            " looked at anew"
        )
    return FirstLook(str(folder), record.fingerprint, is_scored_alike)


def _said_by(identity: Mapping[str, Any]) -> dict[str, Any]:
    """What the numbers of a first look follow from, beside the rows."""
    plan = identity["plan"]
    return {name: identity[name] for name in SAID_BY} | {
        "standardize": plan["standardize"],
        "shard_size": plan["run"]["shard_size"],
    }


def _lacking(then: Mapping[str, str], now: Mapping[str, str], source: Source) -> list[str]:
    """The inputs of then that are not among those of now; a store may have grown since."""
    if isinstance(source, Store) and source.as_it_was(then).digest() == then:
        return []
    return [name for name in then if now.get(name) != then[name]]
