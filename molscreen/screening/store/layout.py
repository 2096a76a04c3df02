"""Manifest: what a store holds and how it was made, as ``store.json`` says it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from molscreen.chem.cleaning.recipe import Recipe
from molscreen.chem.compound import RECIPE_VERSION
from molscreen.config import to_dataclass
from molscreen.errors import LibraryError
from molscreen.graphs.vocabulary import featuriser_digest
from molscreen.provenance import canonical_json, differences, own_digest, versions

MANIFEST = "store.json"  # written last: what it does not name is no part of the store
ORDERS = "indexing.json"  # what is being written; gone when it is in the manifest
SHARDS = "shards"
FORMAT = 3  # 2 had graphs and fingerprints in which deuterium was an atom of its own
AGAIN = "Index the library again: molscreen index LIBRARY --out NEW"

FINGERPRINT: Mapping[str, Any] = {"kind": "ECFP", "radius": 2, "bits": 1024}
"""Of similarity search. 1,024 bits and not 2,048: 128 bytes a row instead of 256, of 400 in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file as it was when it was written."""

    name: str
    bytes: int
    blake2b: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredShard:
    """Rows that lie together, in two files.

    Attributes
    ----------
    rows : int
    molecules : StoredFile
        Keys, graphs and fingerprints: mapped into memory.
    texts : StoredFile
        What the library says of the rows, and what became of them: compressed, read when needed.
    """

    rows: int
    molecules: StoredFile
    texts: StoredFile

    @property
    def bytes(self) -> int:
        """Of both files."""
        return self.molecules.bytes + self.texts.bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """What one call of ``molscreen index`` added.

    Attributes
    ----------
    inputs : mapping of str to str
        sha256 of each file, by its name.
    read : mapping
        The `ReadOptions`.
    columns : tuple of str
        The user's columns in these files.
    described : tuple of str
        How the files were read, in sentences.
    first_row, first_shard, rows : int
        Where it begins, and how many rows it has.
    shard_size : int
        Rows of every shard but the last.
    """

    inputs: Mapping[str, str]
    read: Mapping[str, Any]
    columns: tuple[str, ...]
    described: tuple[str, ...]
    first_row: int
    first_shard: int
    rows: int
    shard_size: int

    def fingerprint(self, recipe: Mapping[str, Any]) -> str:
        """sha256 of everything that determines its shards."""
        made = {**asdict(self), "recipe": recipe, "featuriser": featuriser_digest(), "ecfp": FINGERPRINT}
        software = {"versions": versions(("rdkit",)), "sources": own_digest()}
        return hashlib.sha256(canonical_json({**made, **software}).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a store holds.

    Attributes
    ----------
    recipe : mapping
        The `Recipe` by which the structures were standardised, with the version of its rules.
    featuriser : str
        Digest of the featuriser that made the graphs.
    fingerprint : mapping
        See `FINGERPRINT`.
    counts : mapping of str to int
        Rows by ``status`` or ``status/code``.
    additions : tuple of Addition
    shards : tuple of StoredShard
        In the order of their rows.
    versions : mapping of str to str
        Of the packages that made it.
    """

    format: int = FORMAT
    recipe: Mapping[str, Any]
    featuriser: str = field(default_factory=featuriser_digest)
    fingerprint: Mapping[str, Any] = field(default_factory=lambda: dict(FINGERPRINT))
    counts: Mapping[str, int] = field(default_factory=dict)
    additions: tuple[Addition, ...] = ()
    shards: tuple[StoredShard, ...] = ()
    versions: Mapping[str, str] = field(default_factory=lambda: versions(("molscreen", "rdkit")))

    @property
    def rows(self) -> int:
        """Rows of the libraries, all in the store, refused ones too."""
        return sum(shard.rows for shard in self.shards)

    @property
    def columns(self) -> tuple[str, ...]:
        """The user's columns, in the order in which they first occur."""
        return tuple(dict.fromkeys(name for addition in self.additions for name in addition.columns))

    @property
    def bytes(self) -> int:
        """Of all shards."""
        return sum(shard.bytes for shard in self.shards)

    def plus(
        self, addition: Addition, shards: tuple[StoredShard, ...], counts: Mapping[str, int]
    ) -> Manifest:
        """The manifest of the store with an addition."""
        total = {name: self.counts.get(name, 0) + counts.get(name, 0) for name in {**self.counts, **counts}}
        return replace(
            self,
            additions=(*self.additions, addition),
            shards=(*self.shards, *shards),
            counts=dict(sorted(total.items())),
        )

    def first(self, n: int) -> Manifest:
        """What the store held when it had its first `n` additions; `counts`, sums over all, are left out."""
        end = self.additions[n].first_shard if n < len(self.additions) else len(self.shards)
        return replace(self, additions=self.additions[:n], shards=self.shards[:end], counts={})

    def digest(self) -> str:
        """sha256 of what it says of its rows, checksums included."""
        return hashlib.sha256(canonical_json({**asdict(self), "counts": {}}).encode()).hexdigest()

    def to_json(self) -> str:
        """Indented JSON that `read_manifest` reads back."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


def recipe_table(recipe: Recipe) -> dict[str, Any]:
    """A recipe as manifests hold it: all its settings, and the version of its rules."""
    return {"version": RECIPE_VERSION, **asdict(recipe)}


def is_store(path: str | Path) -> bool:
    """Whether the path is the folder of a store, finished or begun."""
    return any((Path(path) / name).is_file() for name in (MANIFEST, ORDERS))


def shard_names(index: int) -> tuple[str, str]:
    """File names of a shard: of its molecules, and of its texts."""
    return f"{SHARDS}/shard-{index:06d}.arrow", f"{SHARDS}/shard-{index:06d}.text.arrow"


def read_manifest(folder: Path) -> Manifest:
    """What the store in a folder holds.

    Raises
    ------
    LibraryError
        There is none, it is not finished, damaged, of another format, or made by another featuriser.
    """
    path = folder / MANIFEST
    if not path.is_file():
        if (folder / ORDERS).is_file():
            raise LibraryError(
                f"{folder}: a store that is not finished; go on with: molscreen index --resume"
            )
        raise LibraryError(f"{folder}: no store here (no {MANIFEST}); molscreen index makes one")
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        version = fields["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise LibraryError(f"{path}: damaged: {error}. {AGAIN}") from error
    if version != FORMAT:
        raise LibraryError(f"{path}: format {version}, this molscreen reads format {FORMAT}. {AGAIN}")
    if fields.get("featuriser") != featuriser_digest():
        raise LibraryError(
            f"{folder}: made with another featuriser ({str(fields.get('featuriser'))[:12]}…,"
            f" this molscreen has {featuriser_digest()[:12]}…), so its graphs mean something else. {AGAIN}"
        )
    return to_dataclass(Manifest, fields, where=str(path))


def check_recipe(folder: Path, manifest: Manifest, recipe: Recipe, *, where: str) -> None:
    """Refuse a store whose structures were standardised otherwise than is asked for now.

    Raises
    ------
    LibraryError
        The message lists the settings that differ.
    """
    asked = recipe_table(recipe)
    if changed := differences(dict(manifest.recipe), asked):
        raise LibraryError(
            f"{folder}: its structures were standardised otherwise than {where} asks:"
            f" {'; '.join(changed)} (store → asked). Ask for the same, or index the library again"
        )


def check_versions(folder: Path, manifest: Manifest) -> None:
    """Refuse to add to a store that another RDKit made: the same molecule might get another key.

    Raises
    ------
    LibraryError
        The message names both versions.
    """
    made, now = manifest.versions.get("rdkit"), versions(("rdkit",))["rdkit"]
    if made != now:
        raise LibraryError(
            f"{folder}: made with rdkit {made}, this is {now}; rows of both would not be comparable."
            " Append with the rdkit that it was made with, or index everything again"
        )
