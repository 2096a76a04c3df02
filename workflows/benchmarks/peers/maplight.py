"""The MapLight recipe without its pre-trained network: CatBoost on counts, ErG and descriptors.

    python maplight.py train.csv test.csv predicted.csv SEED

Its environment needs catboost and rdkit. Features and settings are those that the recipe's authors describe
(Notwell & Wood, arXiv:2310.00174); written from the description.
"""

from __future__ import annotations

import sys

import numpy as np
from catboost import CatBoostClassifier, CatBoostRegressor
from fold_files import read, write
from rdkit import Chem, rdBase
from rdkit.Avalon.pyAvalonTools import GetAvalonCountFP
from rdkit.Chem import Descriptors, rdFingerprintGenerator
from rdkit.Chem.rdReducedGraphs import GetErGFingerprint
from rdkit.DataStructs import ConvertToNumpyArray

BITS = 1024
OVERFLOWS = {"Ipc"}  # grows with the exponential of the molecule's size
LARGEST = 1e6  # of a feature; a few charges and counts of odd molecules are infinite


def features(smiles: list[str]) -> np.ndarray:
    """(n, d): Morgan counts of radius 2, Avalon counts, ErG, RDKit's descriptors."""
    morgan = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=BITS)
    names = [name for name, _ in Descriptors.descList if name not in OVERFLOWS]
    rows = []
    for text in smiles:
        mol = Chem.MolFromSmiles(text)
        avalon = np.zeros(BITS)
        ConvertToNumpyArray(GetAvalonCountFP(mol, BITS), avalon)
        known = Descriptors.CalcMolDescriptors(mol, missingVal=np.nan)
        described = np.array([known[name] for name in names], float)
        rows.append(
            np.concatenate(
                [morgan.GetCountFingerprintAsNumPy(mol), avalon, GetErGFingerprint(mol), described]
            )
        )
    return np.clip(np.array(rows), -LARGEST, LARGEST).astype(np.float32)


def main() -> None:
    train, test, out, seed = sys.argv[1:]
    rdBase.DisableLog("rdApp.*")
    smiles, values = read(train)
    tested, _ = read(test)
    x, query = features(smiles), features(tested)
    predicted = {}
    for name, value in values.items():
        settings = {
            "random_strength": 2,
            "random_seed": int(seed),
            "verbose": False,
            "allow_writing_files": False,
        }
        known = ~np.isnan(value)
        if name.startswith("c"):
            model = CatBoostClassifier(loss_function="Logloss", **settings).fit(
                x[known], value[known].astype(int)
            )
            predicted[name] = model.predict_proba(query)[:, 1]
        else:
            model = CatBoostRegressor(loss_function="MAE", **settings).fit(x[known], value[known])
            predicted[name] = model.predict(query)
    write(out, list(predicted), zip(*predicted.values(), strict=True))


if __name__ == "__main__":
    main()
