"""Weight folder: a network on disk, as a JSON record and its weights as float16.

Nothing is ever unpickled, and no weight is read before its sha256 is that of the record.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from molscreen.errors import BundleError, ConfigError, did_you_mean

WEIGHTS = "weights.safetensors"


class Stored(NamedTuple):
    """What a folder holds.

    Attributes
    ----------
    record : mapping
        ``name``, ``about``, and whatever its kind needs.
    weights : mapping of str to Tensor
        float32.
    digest : str
        sha256 of the weights as stored.
    """

    record: Mapping[str, Any]
    weights: Mapping[str, Tensor]
    digest: str


def write_folder(
    directory: Path, file: str, record: Mapping[str, Any], weights: Mapping[str, Tensor]
) -> None:
    """Write a record and its weights; `file` names the record.

    Raises
    ------
    BundleError
        The directory exists.
    """
    if directory.exists():
        raise BundleError(f"'{directory}' exists; name a new directory, or remove it first")
    content = save_tensors({key: tensor.half() for key, tensor in weights.items()})
    whole = {**record, "sha256": hashlib.sha256(content).hexdigest()}
    directory.mkdir(parents=True)
    (directory / WEIGHTS).write_bytes(content)
    (directory / file).write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def find_folder(name_or_dir: str | Path, kind: str, *, shipped: Path, file: str) -> Path:
    """The folder of a kind that ships, by its name, or the one that is named.

    Raises
    ------
    BundleError
        There is none; those that ship are listed.
    """
    known = {path.parent.name: path.parent for path in sorted(shipped.glob(f"*/{file}"))}
    directory = known.get(str(name_or_dir), Path(name_or_dir))
    if not (directory / file).is_file():
        raise BundleError(
            f"no {kind} '{name_or_dir}'. Known: {', '.join(known) or 'none'}; or name a directory that"
            f" holds the file {file}.{did_you_mean(str(name_or_dir), known)}"
        )
    return directory


@contextmanager
def read_folder(directory: Path, kind: str, *, file: str) -> Iterator[Stored]:
    """What is stored; whatever fails while it is made a network of means that it is damaged.

    Raises
    ------
    BundleError
        It is truncated, changed, or not of this kind.
    """
    try:
        record = json.loads((directory / file).read_text(encoding="utf-8"))
        content = (directory / WEIGHTS).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if digest != record["sha256"]:
            raise BundleError(f"{directory / WEIGHTS}: truncated or changed; fetch the {kind} again")
        weights = {key: tensor.to(torch.float32) for key, tensor in load_tensors(content).items()}
        yield Stored(record, weights, digest)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError, ConfigError) as error:
        raise BundleError(f"{directory}: damaged, no {kind}: {error}; fetch it again") from error
