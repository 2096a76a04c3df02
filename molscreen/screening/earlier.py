"""EarlierLook: the first look of another run, taken over so that no model is asked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Self

import pyarrow as pa
import pyarrow.compute as pc

from molscreen import storage
from molscreen.arguments import require_name
from molscreen.errors import UsageError
from molscreen.provenance import RunRecord, differences
from molscreen.screening.folder.commit import part_path, read_table
from molscreen.screening.folder.layout import FOLDERS, RECORD
from molscreen.screening.folder.resume import is_part_of, read_record
from molscreen.screening.plan.plan import ScreenPlan
from molscreen.screening.shard import Shard
from molscreen.screening.source import Source
from molscreen.screening.store.read import Store

MODELS = ("read", "bundles", "plugins", "featuriser", "versions")  # parts of an identity: who said it
NAME = "first_look"  # in the execution of a run record
WISHES = ("objective", "out_of_domain")  # keys of a plan that score what was said
PLACE = ("source", "line")  # of a row in the library; the reader may say other things of one elsewhere
LOST = pa.array(["out_of_domain", "nan_score"])  # codes that hide what preparation had said of a row


@dataclass(frozen=True, slots=True)
class EarlierLook:
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
    def of(cls, execution: Mapping[str, Any]) -> Self | None:
        """The one that the execution of a run record names, if it names one."""
        return cls(**execution[NAME]) if NAME in execution else None

    def to_json(self) -> dict[str, Any]:
        """What `of` reads, to be added to an execution."""
        return {NAME: asdict(self)}

    def part(self, shard: Shard) -> pa.Table | None:
        """What that run says of the rows of a shard; None where it has not the same rows, or not enough.

        Not enough is a part with rows that the other plan refused by its `WISHES`, where this one has others.
        """
        path = part_path(storage.locate(self.path) / FOLDERS["wide"], shard.index)
        if not is_part_of(path, shard, self.fingerprint):
            return None
        table = read_table(path)
        is_from_there = all(table[name].combine_chunks().equals(shard.batch.column(name)) for name in PLACE)
        has_lost = not self.is_scored_alike and pc.any(pc.is_in(table["reason_code"], LOST)).as_py()
        return table if is_from_there and not has_lost else None


class EarlierRun(NamedTuple):
    """Folder and record of the run whose first look is wanted."""

    folder: Path
    record: RunRecord

    @property
    def in_words(self) -> str:
        """What is taken over."""
        return f"first look: taken over from {self.folder} wherever it has the same rows"

    def cut(self, plan: ScreenPlan) -> ScreenPlan:
        """The plan, with shards of as many rows as those of this run where it does not say."""
        size = plan.run.shard_size or self.record.identity["plan"]["run"]["shard_size"]
        return replace(plan, run=replace(plan.run, shard_size=size))


def read_earlier(run: str | Path) -> EarlierRun:
    """The run of a folder.

    Raises
    ------
    UsageError
        There is no run, or its record cannot be read.
    """
    require_name(run, what="first_look")
    folder = storage.locate_absolute(run)
    if not storage.is_file(folder / RECORD):
        raise UsageError(f"first look {folder}: no run here (no {RECORD})")
    return EarlierRun(folder, read_record(folder))


def find_look(earlier: EarlierRun, identity: Mapping[str, Any], source: Source) -> EarlierLook:
    """The first look of a run, for another one of this identity over this source.

    The same models must have been asked, in the same way, about files that this library has too, or a store
    that has grown since; rows that now come after others are looked at anew. How they were wished for,
    filtered, looked at again and chosen does not matter.

    Raises
    ------
    UsageError
        It is not usable; the message lists every difference.
    """
    folder, record = earlier
    changed = differences(_said_by(record.identity), _said_by(identity))
    then, now = record.identity["inputs"], identity["inputs"]
    if isinstance(source, Store) and source.as_it_was(then).digest() == then:
        now = then  # more was appended since
    lacking = [name for name in then if now.get(name) != then[name]]
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
    return EarlierLook(str(folder), record.fingerprint, is_scored_alike)


def _said_by(identity: Mapping[str, Any]) -> dict[str, Any]:
    """What the numbers of a first look follow from, beside the rows."""
    plan = identity["plan"]
    return {name: identity[name] for name in MODELS} | {
        "standardize": plan["standardize"],
        "shard_size": plan["run"]["shard_size"],
    }
