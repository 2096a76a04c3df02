"""DeepChem's D-MPNN with its default settings.

    python deepchem_dmpnn.py train.csv test.csv predicted.csv SEED

Its environment needs deepchem, torch and torch_geometric. Values are scaled to unit variance for the fit.
"""

from __future__ import annotations

import sys

import deepchem
import numpy as np
import torch
from fold_files import read, write
from rdkit import rdBase

EPOCHS = 30


def main() -> None:
    train, test, out, seed = sys.argv[1:]
    rdBase.DisableLog("rdApp.*")
    np.random.seed(int(seed))  # noqa: NPY002 -- DeepChem's generator
    torch.manual_seed(int(seed))
    smiles, columns = read(train)
    tested, _ = read(test)
    value = np.stack(list(columns.values()), axis=1)  # (n, t)
    is_label = next(iter(columns)).startswith("c")
    mean, sd = (0.0, 1.0) if is_label else (np.nanmean(value, axis=0), np.nanstd(value, axis=0))
    featurizer = deepchem.feat.DMPNNFeaturizer()
    y = np.nan_to_num((value - mean) / sd)
    data = deepchem.data.NumpyDataset(featurizer.featurize(smiles), y, (~np.isnan(value)).astype(float))
    model = deepchem.models.DMPNNModel(
        mode="classification" if is_label else "regression",
        n_tasks=value.shape[1],
        n_classes=2,
        batch_size=50,
    )
    model.fit(data, nb_epoch=EPOCHS)
    said = np.asarray(model.predict(deepchem.data.NumpyDataset(featurizer.featurize(tested))))
    said = (
        said.reshape(len(tested), value.shape[1], -1)[:, :, -1] * sd + mean
    )  # (m, t); of two classes, the second
    write(out, list(columns), said.tolist())


if __name__ == "__main__":
    main()
