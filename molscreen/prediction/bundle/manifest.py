"""Manifest: what a bundle says of itself, and the checks before any part of it is believed.

Nothing here imports torch, so bundles can be listed at once.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from molscreen.arguments import require_name
from molscreen.chem.compound import RECIPE_VERSION
from molscreen.config import to_dataclass
from molscreen.endpoint import Endpoint
from molscreen.errors import BundleError, ConfigError, did_you_mean
from molscreen.graphs.vocabulary import featuriser_digest
from molscreen.provenance import json_ready

FORMAT = 5
KNOWN_RECIPES: frozenset[int] = frozenset((1, RECIPE_VERSION))
"""Of standardisation, whose bundles are read: recipe 2 draws a few salts and zwitterions otherwise than
recipe 1, so that a bundle of recipe 1 knows nearly all of its compounds as they are drawn now."""

MANIFEST, CALIBRATION = "bundle.json", "calibration.json"
SHIPPED = Path(__file__).parents[2] / "bundles"
SEARCH_PATH = "MOLSCREEN_BUNDLES"  # directories of bundles, separated as in PATH
MAX_MANIFEST_BYTES = 16 * 2**20
PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9]+)*")
PICKLES = (b"PK\x03\x04", *(b"\x80" + bytes([protocol]) for protocol in range(6)), b"\x1f\x8b", b"x\x9c")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A data set that a bundle was trained on."""

    name: str
    licence: str
    origin: str = ""  # citation or address
    n_compounds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a reader is told of a bundle, in words and figures.

    Attributes
    ----------
    name, description : str
    sources : tuple of Source
        Every data set behind it, with its licence.
    training : mapping
        The record of how it was made: command, split, seeds, configuration.
    metrics : mapping
        Split, for example "scaffold test", to endpoint name to metric to value; None = undefined.
    limits : tuple of str
        What is known to go wrong, one sentence each.
    """

    name: str
    description: str = ""
    sources: tuple[Source, ...] = ()
    training: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Size and digest of one file of a bundle."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The content of ``bundle.json``."""

    format: int
    about: About
    endpoints: tuple[Endpoint, ...]
    featuriser: dict[str, Any]
    featuriser_digest: str
    standardize: dict[str, Any]
    student: dict[str, Any]
    network: dict[str, Any]
    members: int
    experts: tuple[str, ...]
    versions: dict[str, str]
    parts: dict[str, Part]

    def to_bytes(self) -> bytes:
        """The file, the same bytes for the same content; NaN is written as null."""
        return (json.dumps(json_ready(self), indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def find_bundles() -> dict[str, Path]:
    """Directories of the bundles that ship and of those on ``MOLSCREEN_BUNDLES``, by name.

    Raises
    ------
    BundleError
        Two bundles have one name: which is meant must not depend on the order of a path.
    """
    found: dict[str, Path] = {}
    extra = [Path(entry) for entry in os.environ.get(SEARCH_PATH, "").split(os.pathsep) if entry]
    for place in (SHIPPED, *extra):
        for path in sorted(place.glob(f"*/{MANIFEST}")):
            name, directory = path.parent.name, path.parent
            if found.setdefault(name, directory) != directory:
                raise BundleError(
                    f"two bundles are named '{name}': {found[name]} and {directory}; rename one"
                )
    return found


def locate_bundle(name_or_dir: str | Path) -> Path:
    """The directory of a bundle, by its name or its path.

    Raises
    ------
    BundleError
        It is neither; the message lists what there is.
    UsageError
        `name_or_dir` is no text, and no path.
    """
    require_name(name_or_dir, what="bundle")
    known = find_bundles()
    if str(name_or_dir) in known:
        return known[str(name_or_dir)]
    path = Path(name_or_dir)
    if path.is_file() and path.name == MANIFEST:
        return path.parent
    if path.is_file():
        raise BundleError(
            f"'{path}' is a file; expected the directory of a bundle, with {MANIFEST} inside."
            " Checkpoints (.pt, .ckpt, .pkl, .joblib) are never opened, because doing so can run code"
        )
    if not (path / MANIFEST).is_file():
        raise BundleError(
            f"no bundle '{name_or_dir}'. Known: {', '.join(known) or 'none'}; or name a directory that"
            f" holds a {MANIFEST}.{did_you_mean(str(name_or_dir), known)}"
        )
    return path


def read_manifest(directory: Path) -> tuple[Manifest, str]:
    """The manifest of a bundle and its sha256, which stands for the whole bundle.

    Raises
    ------
    BundleError
        It is damaged, of a newer format, made for another featuriser or recipe of keys, or names a
        part that is not a plain file name.
    """
    path = directory / MANIFEST
    content = _read(path, MAX_MANIFEST_BYTES)
    try:
        table = json.loads(content, parse_constant=_refuse_constant)
        made_for = int(table["format"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BundleError(
            f"{path}: damaged, not the manifest of a bundle: {error}; fetch it again"
        ) from error
    if made_for != FORMAT:
        raise BundleError(
            f"{path}: bundle format {made_for}, but this molscreen reads format {FORMAT};"
            f" {'update molscreen' if made_for > FORMAT else 'train the bundle again'}"
        )
    try:
        manifest = to_dataclass(Manifest, table, where=str(path))
    except (ConfigError, TypeError, AttributeError) as error:
        raise BundleError(f"{path}: damaged: {error}") from error
    _check_made_for(manifest, path)
    for name in manifest.parts:
        if not PLAIN_NAME.fullmatch(name):
            raise BundleError(f"{path}: part '{name}' is not a plain file name; do not use this bundle")
    return manifest, hashlib.sha256(content).hexdigest()


def read_part(directory: Path, manifest: Manifest, name: str) -> bytes:
    """The content of one part, exactly as the manifest describes it.

    Raises
    ------
    BundleError
        It is missing, truncated, changed, a link, or a pickle under another name.
    """
    path, part = directory / name, manifest.parts.get(name)
    if part is None:
        raise BundleError(f"{directory / MANIFEST}: part '{name}' is not listed; the bundle is incomplete")
    content = _read(path, max(part.bytes, 64))
    if content.startswith(PICKLES):
        raise BundleError(
            f"{path}: a pickle or an archive, whatever its name; it is not opened, because that can run code"
        )
    if len(content) != part.bytes or hashlib.sha256(content).hexdigest() != part.sha256:
        raise BundleError(
            f"{path}: {len(content)} bytes that are not the {part.bytes} bytes of the manifest"
            f" (sha256 {part.sha256[:12]}…): truncated or changed; fetch the bundle again"
        )
    return content


def _read(path: Path, limit: int) -> bytes:
    """A regular file, refused above `limit` bytes before it is read."""
    if path.is_symlink() or not path.is_file():
        raise BundleError(
            f"{path}: {'a link' if path.is_symlink() else 'no such file'}; expected a plain file"
        )
    if path.stat().st_size > limit:
        with path.open("rb") as file:
            return file.read(limit + 1)
    return path.read_bytes()


def _check_made_for(manifest: Manifest, path: Path) -> None:
    """Another featuriser, or another standardisation, would ask the networks about other molecules."""
    digest, recipe = featuriser_digest()[:12], manifest.standardize.get("version")
    for what, theirs, ours, known in (
        ("featuriser", manifest.featuriser_digest[:12], digest, (digest,)),
        ("standardisation", recipe, RECIPE_VERSION, KNOWN_RECIPES),
    ):
        if theirs not in known:
            made_by = manifest.versions.get("molscreen", "of that time")
            raise BundleError(
                f"{path}: made for {what} {theirs}, but this molscreen has {ours};"
                f" use molscreen {made_by}, or train the bundle again"
            )


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")
