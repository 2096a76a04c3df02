"""Effort: how much is tried for a file of measurements, by how long its owner wants to wait."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from molscreen.models.network import NetworkSpec
from molscreen.models.pretrained import load_encoder
from molscreen.training.networks.fit import FitConfig
from molscreen.training.recipe import EXPERTS, TrainRecipe

Effort = Literal["quick", "standard", "best"]
ENCODER = "drug-like"  # ships
STEPS: dict[Effort, int] = {"quick": 250, "standard": 1_000, "best": 2_500}  # of each network's fit, about
MEMBERS: dict[Effort, int] = {"quick": 1, "standard": 3, "best": 5}
MOST_EPOCHS, FEWEST_EPOCHS = 60, 8
BATCH_ATOMS = 1024  # about 40 drug-like molecules: a thousand measurements make 20 steps an epoch
ATOMS = 25  # of a typical molecule


def with_effort(recipe: TrainRecipe, effort: Effort, n_compounds: int) -> TrainRecipe:
    """The recipe for n compounds, as thorough as asked for.

    "quick" hears the kernel and one network (83 s in all for 2,077 compounds), "standard"
    trees as well and three networks of four times the steps, "best" five of ten times the steps. All start
    from the encoder that ships.

    Examples
    --------
    >>> quick = with_effort(TrainRecipe(name="mine"), "quick", 2000)
    >>> quick.members, quick.experts
    (1, ('kernel',))
    """
    steps_an_epoch = max(1, n_compounds * ATOMS // BATCH_ATOMS)
    epochs = min(MOST_EPOCHS, max(FEWEST_EPOCHS, STEPS[effort] // steps_an_epoch))
    shape = load_encoder(ENCODER).spec
    return replace(
        recipe,
        members=MEMBERS[effort],
        experts=("kernel",) if effort == "quick" else EXPERTS,
        encoder=ENCODER,
        network=NetworkSpec(
            encoder=shape.encoder, width=shape.width, depth=shape.depth, hidden=shape.hidden, dropout=0.1
        ),
        fit=FitConfig(epochs=epochs, batch_atoms=BATCH_ATOMS, learning_rate=3e-4, patience=epochs),
    )
