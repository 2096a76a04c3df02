"""Bundle: trained experts with everything that makes their numbers usable."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch

from molscreen.endpoint import Endpoint
from molscreen.graphs.pack import PackedGraphs
from molscreen.models.network import Network
from molscreen.prediction.blend.blend import Blend
from molscreen.prediction.blend.blended import BlendedPredictor
from molscreen.prediction.blend.council import NETWORKS, Council
from molscreen.prediction.blend.ensemble import BATCH_ATOMS, GPU_BATCH_ATOMS, Ensemble
from molscreen.prediction.bundle.card import model_card, short_card
from molscreen.prediction.bundle.drug_reference import DrugReference
from molscreen.prediction.bundle.manifest import About
from molscreen.prediction.certainty.calibration import Calibration
from molscreen.prediction.certainty.domain import EmbeddingDomain
from molscreen.prediction.certainty.neighbours import NeighbourDomain
from molscreen.prediction.experts.expert import Expert
from molscreen.prediction.predictor import Prediction
from molscreen.provenance import versions

if TYPE_CHECKING:
    from molscreen.prediction.explained.counterfactual import Counterfactual

PACKAGES = ("molscreen", "rdkit", "torch", "torch-geometric", "numpy")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Bundle:
    """A student for libraries, experts for a shortlist, and the record of both; itself a `Predictor`.

    Attributes
    ----------
    about : About
    endpoints : tuple of t Endpoint
    student : Network
        In eval mode, as all networks: the wide view.
    networks : tuple of k Network
        One expert together.
    experts : mapping of str to Expert
        The others.
    blend : Blend
        How far each expert counts: with all of them, the full view.
    wide, full : Calibration
        Of the student, and of the blend.
    domain : EmbeddingDomain
        Of the student's embedding.
    neighbours : NeighbourDomain
        The training compounds by name, for a shortlist.
    drugs : DrugReference or None
        What the full view says of the approved drugs; None = it was not asked.
    versions : mapping
        Of the libraries that made it.
    digest : str
        sha256 of the manifest, which stands for every byte; empty before it is saved.
    """

    about: About
    endpoints: tuple[Endpoint, ...]
    student: Network
    networks: tuple[Network, ...]
    experts: Mapping[str, Expert]
    blend: Blend
    wide: Calibration
    full: Calibration
    domain: EmbeddingDomain
    neighbours: NeighbourDomain
    drugs: DrugReference | None = None
    versions: dict[str, str] = field(default_factory=lambda: versions(PACKAGES))
    digest: str = ""

    def __post_init__(self) -> None:
        names = [endpoint.name for endpoint in self.endpoints]
        if not self.networks or len(set(names)) < len(names):
            raise ValueError(
                f"expected networks and endpoints of different names, got {len(self.networks)}: {names}"
            )
        if strangers := set(self.blend.experts) - {NETWORKS, *self.experts}:
            raise ValueError(f"blend: expert '{min(strangers)}' has a weight, but is not in the bundle")
        if self.drugs is not None and self.drugs.quantiles.shape[1] != len(names):
            raise ValueError(
                f"drugs: {self.drugs.quantiles.shape[1]} distributions, expected one for each of"
                f" {len(names)} endpoints"
            )

    def __repr__(self) -> str:
        made = self.versions.get("molscreen", "unknown")
        return f"Bundle({self.name!r}, {len(self.endpoints)} endpoints, made with molscreen {made})"

    def _repr_markdown_(self) -> str:
        """In Jupyter, what it predicts; the card, which has a thousand lines, has the rest."""
        return short_card(self)

    @property
    def name(self) -> str:
        """Its name, as its maker gave it."""
        return self.about.name

    @property
    def card(self) -> str:
        """The model card, in Markdown."""
        return model_card(self)

    def wide_view(self, *, device: str = "cpu", batch_atoms: int | None = None) -> Ensemble:
        """The student alone: fast, for a library.

        On another device than the CPU, the network is copied there; "auto" is a GPU where there is one.
        `batch_atoms` atoms make one forward pass, as many as suit the device where absent.
        """
        device = _resolve(device)
        return Ensemble(
            networks=_on(device, (self.student,)),
            endpoints=self.endpoints,
            calibration=self.wide,
            domain=self.domain,
            batch_atoms=batch_atoms or _usual_batch(device),
        )

    def full_view(self, *, device: str = "cpu", batch_atoms: int | None = None) -> BlendedPredictor:
        """All experts, blended: for a shortlist. Arguments as for `wide_view`."""
        device = _resolve(device)
        return BlendedPredictor(
            neighbours=self.neighbours,
            endpoints=self.endpoints,
            council=Council(
                networks=_on(device, self.networks),
                experts=self.experts,
                blend=self.blend,
                batch_atoms=batch_atoms or _usual_batch(device),
            ),
            calibration=self.full,
        )

    def predict(self, keys: Sequence[str], graphs: PackedGraphs | None = None) -> Prediction:
        """Predict n compounds with all experts, on the CPU; see `Predictor`."""
        return self.full_view().predict(keys, graphs)

    def counterfactuals(self, key: str, endpoint: str, *, count: int = 5) -> list[Counterfactual]:
        """The most similar analogues of a compound whose prediction flips, nearest first; on the CPU.

        Parameters
        ----------
        key : str
            A compound key, as `standardize` writes it.
        endpoint : str
        count : int
            At most so many; none where no analogue flips. See `find_counterfactuals`.

        Raises
        ------
        UsageError
            The bundle has no such endpoint.
        """
        # needs RDKit; a bundle and its networks do not
        from molscreen.chem.analogues.analogues import analogues
        from molscreen.prediction.explained.counterfactual import Question, find_counterfactuals

        question = Question(key, endpoint, tuple(analogues(key)))
        asked = self.full_view().restricted_to({endpoint})
        return find_counterfactuals(self.wide_view(), asked, [question], count=count)[0]


def _resolve(device: str) -> str:
    """The device that "auto" stands for."""
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return device


def _usual_batch(device: str) -> int:
    return BATCH_ATOMS if device == "cpu" else GPU_BATCH_ATOMS


def _on(device: str, networks: tuple[Network, ...]) -> tuple[Network, ...]:
    """The networks, or copies of them on another device."""
    return networks if device == "cpu" else tuple(copy.deepcopy(each).to(device) for each in networks)
