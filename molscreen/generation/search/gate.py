"""Gates: what refuses a proposal before it costs a call, each time with a reason that is counted."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from functools import cached_property, lru_cache
from typing import Any

from rdkit import Chem, rdBase

from molscreen.chem.cleaning.recipe import DEFAULT, Recipe
from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.compound import Rejection
from molscreen.chem.identity import inchikey_blocks
from molscreen.errors import ConfigError
from molscreen.filters.filter import Filter
from molscreen.generation.generator import Proposal
from molscreen.generation.search.approach import Approach
from molscreen.generation.search.candidate import Candidate
from molscreen.generation.search.history import SEED

ELEMENTS = frozenset(Chem.GetPeriodicTable().GetElementSymbol(number) for number in range(1, 119))
INVALID = "not standardised"  # how reasons of proposals begin that are no compounds
STRANGER = "outside the domain"  # the reason of what `Gates.approach` does not let pass
REMEMBERED = 1 << 16  # verdicts; generators propose the same again and again, and an alert takes 2 ms


@dataclass(frozen=True, kw_only=True)
class Gates:
    """What a proposal must be like. Without any setting, all that `standardize` accepts and that is new.

    Attributes
    ----------
    forbid : tuple of str
        SMARTS that a compound must not have. What it must have is a filter: see
        `molscreen.generation.fragments.keep.Keep`.
    elements : tuple of str
        The only ones that are allowed, besides hydrogen, for example ``("C", "N", "O")``; empty allows all.
    heavy_atoms : (int, int)
        Fewest and most. The default leaves the limits to `standardize`.
    recipe : Recipe
        How proposals, and seeds, are standardised.
    known : frozenset of str
        Keys of compounds that are not new.
    known_blocks : frozenset of str
        First blocks of InChIKeys (`molscreen.chem.identity.inchikey_blocks`) that are not new, so that a
        stereoisomer or a tautomer of a known compound is not new either.
    filters : tuple of Filter
        In this order.
    approach : Approach, optional
        To the domain of the models; without one, compounds may lie anywhere.

    Raises
    ------
    ConfigError
        A SMARTS, an element or the window of sizes cannot be.

    Examples
    --------
    >>> gates = Gates(forbid=("n",))
    >>> candidates, refused = gates.admit([Proposal("Cc1ccncc1", "me"), Proposal("Cc1ccccc1", "me")])
    >>> [each.key for each in candidates], dict(refused)
    (['Cc1ccccc1'], {"with 'n'": 1})
    """

    forbid: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()
    heavy_atoms: tuple[int, int] = (1, 1000)
    recipe: Recipe = DEFAULT
    known: frozenset[str] = frozenset()
    known_blocks: frozenset[str] = frozenset()
    filters: tuple[Filter, ...] = ()
    approach: Approach | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        for smarts in self.forbid:
            _query(smarts)
        for symbol in self.elements:
            if symbol not in ELEMENTS:
                raise ConfigError(f"'elements' has '{symbol}', expected symbols such as 'C' or 'Cl'")
        fewest, most = self.heavy_atoms
        if not 0 < fewest <= most:
            raise ConfigError(f"'heavy_atoms' is {fewest} to {most}, expected a window such as 10 to 50")

    def admit(
        self, proposals: Sequence[Proposal], scored: Container[str] = frozenset(), *, fewest: int = 0
    ) -> tuple[list[Candidate], Counter[str]]:
        """The proposals that may be scored, in their order, and how many were refused for which reason.

        Proposals are counted once each: candidates and refusals add up to the proposals. Of several with
        one key the first is taken. What costs least is asked first, the domain last and of all that are left.

        Parameters
        ----------
        proposals : sequence of Proposal
        scored : container of str
            Keys that were scored before.
        fewest : int
            See `Approach.sift`.

        Raises
        ------
        ValueError
            As `Approach.sift`.
        """
        refused: Counter[str] = Counter()
        taken: dict[str, Candidate] = {}
        with rdBase.BlockLogs():
            for proposal in proposals:
                key, reason = self._verdict(proposal.smiles)
                reason = _repeated(key, scored, taken) or reason
                if reason:
                    refused[reason] += 1
                else:
                    taken[key] = Candidate(key, proposal)
        candidates = list(taken.values())
        if self.approach is not None:
            candidates = self.approach.sift(candidates, fewest)
        if strangers := len(taken) - len(candidates):
            refused[STRANGER] = strangers
        return candidates, refused

    def identity(self) -> dict[str, Any]:
        """The settings as JSON-able values, sets by their digests; of the domain, whether there is one."""
        return {
            "forbid": list(self.forbid),
            "elements": list(self.elements),
            "heavy_atoms": list(self.heavy_atoms),
            "recipe": asdict(self.recipe),
            "known": _digest(self.known),
            "known_blocks": _digest(self.known_blocks),
            "filters": [_identify(each) for each in self.filters],
            "in_domain": self.approach is not None,
        }

    @cached_property
    def _verdict(self) -> Callable[[str], tuple[str, str]]:
        return lru_cache(REMEMBERED)(self._judge)

    @cached_property
    def _queries(self) -> list[tuple[Chem.Mol, str]]:
        """What is forbidden, and the reason."""
        return [(_query(smarts), f"with '{smarts}'") for smarts in self.forbid]

    def _judge(self, smiles: str) -> tuple[str, str]:
        """The key, empty where there is none, and why it is refused, empty where it is not."""
        compound = standardize(smiles, self.recipe)
        if isinstance(compound, Rejection):
            return "", f"{INVALID}: {compound.code}"
        if compound.key in self.known:
            return compound.key, "known"
        return compound.key, self._reason(compound.key, Chem.MolFromSmiles(compound.key))

    def _reason(self, key: str, mol: Chem.Mol) -> str:
        fewest, most = self.heavy_atoms
        if not fewest <= mol.GetNumHeavyAtoms() <= most:
            return "too small" if mol.GetNumHeavyAtoms() < fewest else "too large"
        if self.elements:
            foreign = {atom.GetSymbol() for atom in mol.GetAtoms()} - {"H", *self.elements}
            if foreign:
                return f"element {min(foreign)}"
        for query, reason in self._queries:
            if mol.HasSubstructMatch(query):
                return reason
        for each in self.filters:
            if each.reason(mol):
                return f"filter {each.name}"
        is_known = bool(self.known_blocks) and inchikey_blocks([key])[0] in self.known_blocks
        return "known, but for stereo or tautomerism" if is_known else ""


def standardize_seeds(seeds: Sequence[str], recipe: Recipe) -> tuple[list[str], Counter[str]]:
    """Different keys in the order of the seeds, and how many seeds were refused for which reason."""
    results = [standardize(smiles, recipe) for smiles in seeds]
    refused = Counter(f"{SEED}: {each.code}" for each in results if isinstance(each, Rejection))
    keys = list(dict.fromkeys(each.key for each in results if not isinstance(each, Rejection)))
    if repeated := len(seeds) - refused.total() - len(keys):
        refused[f"{SEED}: given before"] = repeated
    return keys, refused


def _repeated(key: str, scored: Container[str], taken: Mapping[str, Candidate]) -> str:
    """Why a key is not new in this run; empty where it is, or where there is no key."""
    if key in taken:
        return "proposed twice"
    return "scored before" if key in scored else ""


def _query(smarts: str) -> Chem.Mol:
    with rdBase.BlockLogs():
        query = Chem.MolFromSmarts(smarts) if smarts else None
    if query is None:
        raise ConfigError(f"'{smarts}' is no SMARTS")
    return query


def _identify(each: Filter) -> dict[str, Any]:
    """A filter as it is called, its class, and its settings that JSON can hold.

    Never its ``repr``, which of a class without one is a place in memory.
    """
    names = [field.name for field in fields(each)] if is_dataclass(each) else sorted(vars(each))
    settings = {name: getattr(each, name) for name in names}
    return {
        "name": each.name,
        "class": f"{type(each).__module__}.{type(each).__qualname__}",
        "settings": {name: value for name, value in settings.items() if _is_plain(value)},
    }


def _is_plain(value: object) -> bool:
    if isinstance(value, tuple | list):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, str | int | float)


def _digest(names: frozenset[str]) -> str:
    """Of a set, whatever its order: how many and 16 hexadecimal digits of their sha256."""
    digest = hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()
    return f"{len(names)} {digest[:16]}"
