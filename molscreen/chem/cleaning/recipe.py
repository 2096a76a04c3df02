"""Recipe: how structures are standardised. It knows no RDKit, so that a bundle can be read without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from molscreen.chem.compound import RECIPE_VERSION
from molscreen.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How structures are standardised: the ``[standardize]`` table of a plan.

    Attributes
    ----------
    tautomer : bool
        End with a canonical tautomer: duplicates that differ in which N, O or S has a hydrogen meet, at
        some 0.6 ms each. Hydrogens of carbon stay, so keto and enol forms do not meet, and stereocentres
        and enones are what was drawn.
    mixtures : {"refuse", "largest"}
        What to do with parts of comparable size, none a known counter-ion or solvent, and with several
        counter-ions without any other organic part.
    trailing_structure : {"refuse", "ignore"}
        What to do when the text after a blank is a structure as well.
    """

    tautomer: bool = False
    mixtures: Literal["refuse", "largest"] = "refuse"
    trailing_structure: Literal["refuse", "ignore"] = "refuse"
    max_length: int = 5000  # characters
    max_parsed_atoms: int = 1000  # heavy atoms that RDKit is asked to read
    max_atoms: int = 250  # heavy atoms of a parent that is scored
    max_fragments: int = 50
    min_atoms: int = 2  # heavy atoms of a parent that is scored

    def __post_init__(self) -> None:
        for name, known in (
            ("mixtures", ("refuse", "largest")),
            ("trailing_structure", ("refuse", "ignore")),
        ):
            if getattr(self, name) not in known:
                raise ConfigError(
                    f"[standardize] {name} is '{getattr(self, name)}', expected {' or '.join(known)}"
                )
        for name in ("max_length", "max_parsed_atoms", "max_atoms", "max_fragments", "min_atoms"):
            if not getattr(self, name) > 0:
                raise ConfigError(f"[standardize] {name} must be positive, got {getattr(self, name)}")


DEFAULT = Recipe()


def key_recipe(recipe: Recipe = DEFAULT) -> dict[str, int | bool]:
    """What of a recipe decides which key a structure gets; the rest decides what is refused."""
    return {"version": RECIPE_VERSION, "tautomer": recipe.tautomer}
