"""What a result follows from, as tables of name and value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from molscreen.provenance import RunRecord
from molscreen.screening.folder.layout import DESIGN

_NAMED = {  # table -> its place in the identity of a run
    "Library files, by sha256": "inputs",
    "Bundles, by sha256": "bundles",
    "Versions": "versions",
    "The plan with all its values": "plan",
}

Tables = dict[str, dict[str, str]]


def when(moment: str) -> str:
    """A moment of a record as a reader has it.

    Examples
    --------
    >>> when("2026-11-29T06:48:12+00:00")
    '2026-11-29 06:48:12 UTC'
    """
    return moment.replace("T", " ").replace("+00:00", " UTC")


def run_provenance(record: RunRecord) -> Tables:
    """Of a run, from its record."""
    return {
        "Run": {
            "fingerprint": record.fingerprint,
            "started": record.started,
            "finished": record.finished,
        },
        "How the library was read": {str(i): text for i, text in enumerate(record.described, start=1)},
        **_identity(record.identity),
        "Where and how it ran": {
            **_flat(record.machine),
            **_flat(record.execution["plan"]["run"]),
            **_flat(record.execution.get("first_look", {}), "first look taken over"),
        },
        "Seconds": _flat(record.seconds),
    }


def design_provenance(asked: Mapping[str, Any]) -> Tables:
    """Of a design, from what was asked; its settings have a table of their own."""
    seeds = f"{len(asked.get('seeds', [])):,} in {DESIGN}"
    return _identity({name: each for name, each in asked.items() if name != "design"} | {"seeds": seeds})


def _identity(identity: Mapping[str, Any]) -> Tables:
    """What is the same where a result is to be the same."""
    rest = {name: value for name, value in identity.items() if name not in _NAMED.values()}
    return {
        **{title: _flat(identity.get(name, {})) for title, name in _NAMED.items()},
        "What else the result follows from": _flat(rest),
    }


def _flat(value: Any, name: str = "") -> dict[str, str]:
    """Dotted name and text of every leaf."""
    if isinstance(value, Mapping):
        pairs = ((f"{name}.{key}" if name else str(key), inner) for key, inner in value.items())
        return {key: text for pair in pairs for key, text in _flat(pair[1], pair[0]).items()}
    if isinstance(value, list | tuple) and any(isinstance(each, Mapping) for each in value):
        return _flat({str(i): each for i, each in enumerate(value, 1)}, name)
    if isinstance(value, list | tuple):
        return {name: ", ".join(map(str, value))}
    return {name: str(value)}
