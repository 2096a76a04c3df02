"""Reaction: one named reaction of medicinal chemistry, what its reactants need, and what they give."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rdkit import Chem, rdBase
from rdkit.Chem import Mol, rdChemReactions, rdMolHash

from molscreen.errors import ConfigError

Kind = Literal[
    "acylation",
    "heteroatom alkylation and arylation",
    "C-C bond formation",
    "heterocycle formation",
    "deprotection",
    "functional group interconversion",
]
"""After Roughley & Jordan, J. Med. Chem. 54, 3451 (2011), doi:10.1021/jm200187y."""

OUTCOMES = 100  # ways to react that are looked at; more than two are one too many anyway
_NAME = re.compile(r"[^\W_](?:[\w ,'-]*\w)?")


@dataclass(frozen=True, slots=True, eq=False)
class Reaction:
    """A reaction that `make_reaction` has read and checked.

    A reactant fits a role where it has what the role asks for exactly once (sites that symmetry makes
    alike are one), and has nothing of what the other roles ask for, which would react with itself. So a
    diamine whose ends differ is no partner of an amide coupling, and neither is a free amino acid: no
    guess is made about which end reacts first. Of a sole reactant, sites that are alike would all react,
    and it may have but one.

    Attributes
    ----------
    name : str
    kind : str
        One of `Kind`; empty for a reaction of one's own.
    roles : tuple of str
        What each reactant is, in order.
    smarts : str
        The reaction SMARTS that is run.
    source : str
        A DOI that shows the reaction in use.
    example : tuple of str
        SMILES of the reactants, then of their product.
    patterns : tuple of Mol
        Queries, one for each role.
    spoilers : mapping of name to Mol
        Groups that no reactant may carry beside the site that reacts, such as acidic hydrogens beside a
        Grignard reagent: they would react as well, or not stand the conditions.
    compiled : ChemicalReaction
    """

    name: str
    kind: str
    roles: tuple[str, ...]
    smarts: str
    source: str
    example: tuple[str, ...]
    patterns: tuple[Mol, ...]
    spoilers: Mapping[str, Mol]
    compiled: rdChemReactions.ChemicalReaction

    def misfit(self, mol: Mol, slot: int) -> str | None:
        """Why a molecule cannot be reactant number `slot` (from 0), or None where it can."""
        if not (n := count_sites(mol, self.patterns[slot])):
            return f"has no group '{self.roles[slot]}'"
        if n > 1:
            return f"has {n} different groups '{self.roles[slot]}', and either might react"
        sites = mol.GetSubstructMatches(self.patterns[slot])
        if len(self.roles) == 1 and len(sites) > 1:
            return f"has {len(sites)} groups '{self.roles[slot]}', and all of them would react"
        for other, (role, pattern) in enumerate(zip(self.roles, self.patterns, strict=True)):
            if other != slot and mol.HasSubstructMatch(pattern):
                return f"has a group '{role}' too, and would react with itself"
        own = set(sites[0])
        for group, pattern in self.spoilers.items():
            if any(not own.issuperset(match) for match in mol.GetSubstructMatches(pattern)):
                return f"has a group '{group}', which does not stand {self.name}"
        return None

    def products(self, reactants: Sequence[Mol]) -> tuple[str, ...]:
        """The different products as SMILES, sanitised, in the order of the alphabet.

        Tautomers of each other count once, the first of the alphabet for all; what RDKit cannot
        sanitise is no product. Nothing is asked of the reactants here: see `misfit`.

        Examples
        --------
        >>> smarts = "[C:1](=[O:2])-[OH].[NX3;H2,H1:3]>>[C:1](=[O:2])-[N:3]"
        >>> coupling = make_reaction("amide coupling", smarts, ["acid", "amine"])
        >>> coupling.products([Chem.MolFromSmiles(smiles) for smiles in ("CC(=O)O", "NCCNC")])
        ('CC(=O)N(C)CCN', 'CNCCNC(C)=O')
        """
        with rdBase.BlockLogs():
            found = {}
            for (raw,) in self.compiled.RunReactants(tuple(reactants), OUTCOMES):
                if Chem.SanitizeMol(raw, catchErrors=True) == Chem.SanitizeFlags.SANITIZE_NONE:
                    mol = Chem.MolFromSmiles(Chem.MolToSmiles(raw))
                    if mol is not None:
                        found[Chem.MolToSmiles(mol)] = mol
            if len(found) < 2:
                return tuple(found)
            kept: dict[str, str] = {}
            for smiles in sorted(found):
                kept.setdefault(_tautomer_hash(found[smiles]), smiles)
            return tuple(sorted(kept.values()))

    def sole_product(self, reactants: Sequence[Mol]) -> str | None:
        """The product, where there is exactly one."""
        found = self.products(reactants)
        return found[0] if len(found) == 1 else None


def count_sites(mol: Mol, pattern: Mol) -> int:
    """How often a pattern occurs, on sets of atoms that symmetry does not make alike.

    Examples
    --------
    >>> amine = Chem.MolFromSmarts("[NX3;H1,H2]")
    >>> [count_sites(Chem.MolFromSmiles(smiles), amine) for smiles in ("CCO", "C1CNCCN1", "NCCNC")]
    [0, 1, 2]
    """
    matches = mol.GetSubstructMatches(pattern)
    if len(matches) < 2:
        return len(matches)
    rank = list(Chem.CanonicalRankAtoms(mol, breakTies=False))
    return len({tuple(sorted(rank[atom] for atom in match)) for match in matches})


def _tautomer_hash(mol: Mol) -> str:
    return str(rdMolHash.MolHash(mol, rdMolHash.HashFunction.HetAtomTautomer))


def make_reaction(
    name: str,
    smarts: str,
    roles: Sequence[str],
    *,
    kind: str = "",
    source: str = "",
    example: Sequence[str] = (),
    spoilers: Mapping[str, str] | None = None,
) -> Reaction:
    """A reaction from its reaction SMARTS, one product and one role for each reactant.

    Raises
    ------
    ConfigError
        The SMARTS cannot be read, or does not fit the roles; the name could not be printed in a route.

    Examples
    --------
    >>> swap = make_reaction("Finkelstein reaction", "[CX4:1]-[Cl,Br]>>[C:1]-I", ["alkyl halide"])
    >>> swap.products([Chem.MolFromSmiles("CCBr")])
    ('CCI',)
    """
    where = f"reaction '{name}'"
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"{where}: a name is of letters, digits, spaces and , ' -, so that routes can be read"
        )
    with rdBase.BlockLogs():
        try:
            compiled = rdChemReactions.ReactionFromSmarts(smarts)
        except ValueError as error:
            reason = str(error).strip().splitlines()[-1]
            raise ConfigError(f"{where}: '{smarts}' is no reaction SMARTS: {reason}") from error
        compiled.Initialize()
        _, errors, n_reactants, n_products, _ = rdChemReactions.PreprocessReaction(compiled)
    if errors or n_products != 1 or n_reactants != len(roles) or not roles:
        raise ConfigError(
            f"{where}: '{smarts}' has {n_reactants} reactants, {n_products} products and {errors} errors; "
            f"expected {len(roles)} reactants, one for each role, and one product"
        )
    patterns = tuple(_without_numbers(compiled.GetReactantTemplate(slot)) for slot in range(n_reactants))
    spoiling = {group: read_pattern(text, f"{where}, '{group}'") for group, text in (spoilers or {}).items()}
    return Reaction(name, kind, tuple(roles), smarts, source, tuple(example), patterns, spoiling, compiled)


def _without_numbers(template: Mol) -> Mol:
    pattern = Chem.Mol(template)
    for atom in pattern.GetAtoms():
        atom.SetAtomMapNum(0)
    pattern.UpdatePropertyCache(strict=False)
    return pattern


def read_pattern(smarts: str, where: str) -> Mol:
    """A query from its SMARTS.

    Raises
    ------
    ConfigError
        RDKit cannot read it; the message begins with `where`.
    """
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmarts(smarts)
    if mol is None:
        raise ConfigError(f"{where}: '{smarts}' is no SMARTS that RDKit can read")
    return _without_numbers(mol)
