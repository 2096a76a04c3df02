"""A molecule as an SVG drawing, its atoms coloured by what they contribute."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from rdkit import Chem
from rdkit.Chem import rdDepictor
from rdkit.Chem.Draw import rdMolDraw2D

from molscreen.chem.compound import read_key

MAX_DRAWN_ATOMS = 250
"""Heavy atoms; drawing a chain of 2,000 takes RDKit 11 s and nobody can read it."""

INK = {  # element -> colour of its symbol; RDKit's own F, Cl, S and P are too pale for white paper (WCAG 4.5)
    8: (0.8, 0.0, 0.0),
    9: (0.0, 0.45, 0.45),
    15: (0.7, 0.33, 0.0),
    16: (0.5, 0.42, 0.0),
    17: (0.0, 0.45, 0.0),
}

Colour = tuple[float, float, float]

# Blue–white–orange: hues that all common forms of colour blindness tell apart, equal in lightness at
# equal distance from zero. Ends after Okabe & Ito, https://jfly.uni-koeln.de/color (0072B2, D55E00).
_NEGATIVE: Colour = (0.000, 0.447, 0.698)
_POSITIVE: Colour = (0.835, 0.369, 0.000)
_STRONGEST = 0.75  # share of the full colour that is drawn at most, so that the symbols stay readable
_XML_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Shading:
    """What the atoms of a drawing are coloured by: orange raises, blue lowers, white does nothing.

    The strongest atom has its number beside it. Atoms are counted from 1, in the order of the SMILES.

    Attributes
    ----------
    weights : (a,) tuple of float
        One per atom, in the order of the SMILES. NaN is not coloured.
    full : float, optional
        The absolute weight from which on the colour is strongest; where absent, the largest of `weights`.
    are_numbered : bool
        Whether all atoms have their number.
    """

    weights: tuple[float, ...]
    full: float | None = None
    are_numbered: bool = False

    @property
    def strongest(self) -> int | None:
        """Index, from 0, of the atom with the largest absolute weight; None where no atom has any."""
        finite = [(abs(weight), -atom) for atom, weight in enumerate(self.weights) if math.isfinite(weight)]
        weight, atom = max(finite, default=(0.0, 0))
        return -atom if weight else None

    @property
    def colours(self) -> dict[int, Colour]:
        """Atom -> colour, for the atoms that have one."""
        if self.strongest is None:
            return {}
        full = abs(self.weights[self.strongest]) if self.full is None else self.full
        finite = {atom: weight for atom, weight in enumerate(self.weights) if math.isfinite(weight)}
        return {atom: diverging_colour(weight / full) for atom, weight in finite.items() if weight}

    @property
    def numbers(self) -> dict[int, str]:
        """Atom -> number, for the atoms that show it."""
        shown = [self.strongest] if self.strongest is not None else []
        return {atom: str(atom + 1) for atom in (range(len(self.weights)) if self.are_numbered else shown)}


def draw_svg(
    key: str,
    size: tuple[int, int] = (300, 220),
    shading: Shading | None = None,
) -> str:
    """One compound as an SVG element that can stand in a page or in a file of its own.

    A compound of more than `MAX_DRAWN_ATOMS`, or one that RDKit fails to draw, is a picture that says so.

    Parameters
    ----------
    key : str
        SMILES that RDKit can read, such as a compound key.
    size : (int, int)
        Width and height in pixels.
    shading : Shading, optional
        Of the a atoms of `key`.

    Raises
    ------
    ValueError
        `key` is no SMILES, or the number of weights is not that of atoms.

    Examples
    --------
    >>> draw_svg("CCO", shading=Shading((0.0, 0.1, -0.4))).startswith("<svg")
    True
    """
    mol = read_key(key)
    atoms, heavy = mol.GetNumAtoms(), mol.GetNumHeavyAtoms()
    if shading is not None and len(shading.weights) != atoms:
        raise ValueError(f"{len(shading.weights)} weights for {atoms} atoms of '{key}'")
    if heavy > MAX_DRAWN_ATOMS:
        return placeholder_svg(f"{heavy:,} heavy atoms: too large to draw", size)
    try:
        return _draw(mol, size, shading or Shading(()))
    except (RuntimeError, ValueError):  # what RDKit raises: a violated invariant, a failed kekulization
        return placeholder_svg(f"{heavy:,} heavy atoms: RDKit failed to draw them", size)


def placeholder_svg(text: str, size: tuple[int, int] = (300, 220)) -> str:
    """A picture that says, in one line, why there is no drawing.

    Examples
    --------
    >>> "too large to draw</text>" in placeholder_svg("300 heavy atoms: too large to draw")
    True
    """
    width, height = size
    font = min(14.0, 1.7 * width / max(len(text), 1))  # a letter is about 0.55 of its size wide
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}px" height="{height}px"'
        f' viewBox="0 0 {width} {height}">\n'
        f'<text x="{width / 2:g}" y="{height / 2:g}" text-anchor="middle" font-family="sans-serif"'
        f' font-size="{font:.1f}" fill="#4C5663">{_safe(text)}</text>\n</svg>\n'
    )


def _draw(mol: Chem.Mol, size: tuple[int, int], shading: Shading) -> str:
    colours = shading.colours
    for atom, number in shading.numbers.items():
        mol.GetAtomWithIdx(atom).SetProp("atomNote", number)
    rdDepictor.Compute2DCoords(mol)
    drawer = rdMolDraw2D.MolDraw2DSVG(*size)
    options = drawer.drawOptions()
    options.clearBackground = False  # type: ignore[assignment]
    options.fillHighlights = True  # type: ignore[assignment]
    options.highlightRadius = 0.35  # type: ignore[assignment]
    options.annotationFontScale = 0.75  # type: ignore[assignment]  # numbers are read, 0.5 is a speck
    options.updateAtomPalette(INK)
    bonds = _bond_colours(mol, colours)
    rdMolDraw2D.PrepareAndDrawMolecule(
        drawer,
        mol,
        highlightAtoms=list(colours),
        highlightAtomColors=colours,
        highlightBonds=list(bonds),
        highlightBondColors=bonds,
    )
    drawer.FinishDrawing()
    text = str(drawer.GetDrawingText())
    return text[text.index("<svg") :]  # without the XML declaration, which a page may not repeat


def diverging_colour(value: float) -> Colour:
    """Red, green and blue in [0, 1] for a value in [-1, 1]: blue, white at 0, orange.

    Examples
    --------
    >>> diverging_colour(0.0)
    (1.0, 1.0, 1.0)
    """
    end = _POSITIVE if value > 0 else _NEGATIVE
    share = _STRONGEST * min(1.0, abs(value))
    red, green, blue = (1.0 - share * (1.0 - channel) for channel in end)
    return red, green, blue


def _bond_colours(mol: Chem.Mol, colours: Mapping[int, Colour]) -> dict[int, Colour]:
    """Bonds between two coloured atoms get the mean of their colours."""
    mixed: dict[int, Colour] = {}
    for bond in mol.GetBonds():
        begin, end = colours.get(bond.GetBeginAtomIdx()), colours.get(bond.GetEndAtomIdx())
        if begin and end:
            red, green, blue = ((a + b) / 2 for a, b in zip(begin, end, strict=True))
            mixed[bond.GetIdx()] = (red, green, blue)
    return mixed


def _safe(text: str) -> str:
    """Text that cannot be taken for markup, without what XML forbids."""
    return html.escape(_XML_FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text))
