"""Where the files of data sets lie on this machine, and whether they are those of their cards."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from molscreen.data.card import DataFile
from molscreen.errors import ConfigError, LibraryError

DATA_VARIABLE = "MOLSCREEN_DATA"  # the folder under which the files of all cards lie
COPY = "The card names its origin; the file is a copy of that, packed anew, which must have the card's sha256"


def find_data_folder(data_root: str | Path | None = None) -> Path:
    """The folder under which data sets lie: `data_root`, or ``$MOLSCREEN_DATA``.

    Raises
    ------
    ConfigError
        Neither is given, or there is no such folder.
    """
    named = data_root or os.environ.get(DATA_VARIABLE)
    if not named:
        raise ConfigError(
            f"the folder of the data sets is not known: set {DATA_VARIABLE} to it, or pass it"
            " (--data; Python: data_root)"
        )
    if not Path(named).is_dir():
        source = "--data" if data_root else DATA_VARIABLE
        raise ConfigError(f"{named}: no such folder; {source} must be the folder that holds the data sets")
    return Path(named)


def locate(file: DataFile, *, data_root: str | Path | None = None) -> Path:
    """The file on this machine, after its bytes were compared with the card.

    Parameters
    ----------
    file : DataFile
    data_root : path, optional
        The folder under which data sets lie; without it ``$MOLSCREEN_DATA``.

    Raises
    ------
    ConfigError
        The path is relative and no data root is known.
    LibraryError
        There is no such file, or its sha256 is not the one of the card.
    """
    root = data_root or os.environ.get(DATA_VARIABLE)
    if root is None and not Path(file.path).is_absolute():
        raise ConfigError(
            f"'{file.path}' lies under the data root, which is not known:"
            f" set {DATA_VARIABLE} or pass data_root, the folder that holds the data sets"
        )
    path = Path(root or "") / file.path
    if not path.is_file():
        origin = f" {COPY}" if file.sha256 else ""
        raise LibraryError(f"{path}: no such file.{origin}")
    if file.sha256 and (found := _sha256(path)) != file.sha256:
        raise LibraryError(
            f"{path}: sha256 is {found}, the card says {file.sha256}: another version, or a damaged file."
            f" {COPY}"
        )
    return path


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
