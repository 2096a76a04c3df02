"""Hard rules: a compound passes, or is refused with a reason. Importing the room registers its members."""

from molscreen.filters import alerts, druglike, novelty

__all__ = ["alerts", "druglike", "novelty"]
