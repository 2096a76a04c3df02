"""Made-up data sets in the shape of a benchmark's, with what real ones have wrong."""

from __future__ import annotations

from pathlib import Path

CARD = """
name = "tdc_admet/{name}"
title = "{name}, made up"
licence = "CC0"
commercial = true
metric = "{metric}"
smiles_column = "Drug"
id_column = "Drug_ID"
[[file]]
path = "{name}/train.csv"
split = "train"
[[file]]
path = "{name}/test.csv"
split = "test"
[[endpoint]]
column = "Y"
name = "{endpoint}"
kind = "{kind}"
"""
SCREEN = """
name = "vs_riniker"
title = "screens, made up"
licence = "CC0"
commercial = true
metric = "AUROC"
id_column = "ext_id"
[[file]]
path = "compounds.csv"
[[endpoint]]
column = "active"
name = "MUV_1"
kind = "classification"
where = {{ target = ["MUV_1"] }}
"""

ENDINGS = ("O", "N", "F", "C#N", "S")
TRAINED = [f"{'C' * n}{ending}" for n in range(2, 14) for ending in ENDINGS]
TESTED = [f"{'C' * n}{ending}" for n in range(15, 20) for ending in ENDINGS]
LEAK = TESTED[0]  # is in the training file as well
TWIN = ("C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O")  # one first block: the left trains, the right is tested


def carbons(smiles: str) -> float:
    """The value to learn."""
    return float(smiles.count("C"))


def is_polar(smiles: str) -> float:
    """The label to learn."""
    return float(smiles[-1] in "ON")


def make_benchmark(folder: Path) -> Path:
    """Two tasks, "length" (MAE) and "polar" (AUROC), and a virtual screen; the folder of the data.

    In both tasks a compound and a stereoisomer of the test file train as well, and one pair of training
    records disagrees.
    """
    for name, metric, kind, value in (
        ("length", "MAE", "regression", carbons),
        ("polar", "AUROC", "classification", is_polar),
    ):
        card = folder / "cards" / "tdc_admet" / name / "card.toml"
        card.parent.mkdir(parents=True)
        card.write_text(CARD.format(name=name, metric=metric, endpoint=name, kind=kind))
        data = folder / "data" / name
        data.mkdir(parents=True)
        rows = [(smiles, value(smiles)) for smiles in (*TRAINED, LEAK, TWIN[0])]
        rows.append((TRAINED[0], 99.0 if kind == "regression" else 1 - value(TRAINED[0])))
        _write(data / "train.csv", rows)
        _write(data / "test.csv", [(smiles, value(smiles)) for smiles in (*TESTED, TWIN[1])])
    _write_screen(folder)
    return folder / "data"


def _write(path: Path, rows: list[tuple[str, float]]) -> None:
    lines = [f"{path.stem}-{i},{smiles},{value:g}" for i, (smiles, value) in enumerate(rows)]
    path.write_text("\n".join(["Drug_ID,Drug,Y", *lines]) + "\n")


def _write_screen(folder: Path) -> None:
    """Twelve phenols among sixty chains; one phenol comes twice under one id, one chain also as an active."""
    card = folder / "cards" / "vs_riniker" / "card.toml"
    card.parent.mkdir(parents=True)
    card.write_text(SCREEN.format())
    actives = [f"Oc1ccc({'C' * n})cc1" for n in range(1, 13)]
    rows = [("MUV_1", f"a{i}", smiles, 1) for i, smiles in enumerate(actives)]
    rows.append(("MUV_1", "a0", "Oc1ccc(CF)cc1", 1))
    rows += [("MUV_1", f"d{i}", smiles, 0) for i, smiles in enumerate(TRAINED)]
    rows.append(("MUV_1", "odd", TRAINED[0], 1))
    lines = [",".join(map(str, row)) for row in rows]
    (folder / "data" / "compounds.csv").write_text("\n".join(["target,ext_id,smiles,active", *lines]) + "\n")
