"""FragmentGenerator: a fragment of a good compound exchanged for one that was seen in the same context."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np
from rdkit import Chem, rdBase

from molscreen.errors import ConfigError
from molscreen.generation.fragments.choice import FragmentConfig, draw_fragment, draw_place
from molscreen.generation.fragments.configuration import written
from molscreen.generation.fragments.cut import POINTS, Cut, cuts, fragment_smiles, readable
from molscreen.generation.fragments.join import join
from molscreen.generation.fragments.keep import Keep, Kept
from molscreen.generation.fragments.surroundings import point_at
from molscreen.generation.fragments.table import FragmentTable, shipped_table
from molscreen.generation.generator import GENERATORS, MoleculeGenerator, Proposal, Scored, best_first

HEAVIEST = 100  # heavy atoms of a parent
PREPARED = 1024  # parents whose cuts are remembered, some 20 kB each
JUDGED = 1 << 14  # compounds of which is remembered whether they may be parents
PATIENCE = 10  # tries for each proposal that is asked for


class _Parent(NamedTuple):
    """A compound with its cuts, by how many points they have; growing is a kind of its own."""

    mol: Chem.Mol
    kept: Kept
    cuts: tuple[tuple[Cut, ...], ...]


class _Made(NamedTuple):
    """A product, and the fragment that is new in it."""

    smiles: str
    fragment: str


@GENERATORS.register("fragments")
class FragmentGenerator(MoleculeGenerator):
    """Exchange fragments of the best compounds for others that were seen in the same context.

    R-groups (one bond cut), linkers (two) and cores (three) are exchanged, and hydrogens grown, each of
    these four kinds as often as the others where a parent has it. With `keep`, no kept atom is ever taken
    out, bonds to kept atoms change at open ones only, and of every product it is proved that the same atoms
    still are the substructure. With nothing learnt nothing is proposed.

    Parameters
    ----------
    table : FragmentTable, optional
        The shipped one if None.
    keep : Keep, optional
        What every product must have; None for nothing.
    config : FragmentConfig

    References
    ----------
    Polishchuk, J. Cheminform. 12, 28 (2020), doi:10.1186/s13321-020-00431-w.

    Examples
    --------
    >>> generator = FragmentGenerator(keep=Keep.from_core("*c1ccncc1"))
    >>> generator.learn([Scored("Cc1ccncc1", 0.5)])
    >>> proposals = generator.propose(3, np.random.default_rng(0))
    >>> len(proposals), all(Chem.MolFromSmiles(each.smiles) for each in proposals)
    (3, True)
    """

    name: ClassVar[str] = "fragments"

    def __init__(
        self,
        table: FragmentTable | None = None,
        keep: Keep | None = None,
        config: FragmentConfig = FragmentConfig(),  # noqa: B008  # frozen
    ) -> None:
        self.table, self.keep, self.config = table, keep, config
        self._best: dict[str, float] = {}  # key -> score, the best first
        self._prepare = functools.lru_cache(PREPARED)(self._cut_up)
        self._may_be_parent = functools.lru_cache(JUDGED)(self._is_fit)

    def propose(self, n: int, rng: np.random.Generator) -> list[Proposal]:
        """At most `n` different structures, no parent among them; each has what is kept."""
        keys, found = list(self._best), dict[str, Proposal]()
        weight = 1 / (self.config.rank_weight * len(keys) + np.arange(len(keys)))
        with rdBase.BlockLogs():
            for _ in range(PATIENCE * n if keys else 0):
                if len(found) == n:
                    break
                key = keys[draw_place(weight, rng)]
                proposal = self._change(key, rng)
                if proposal is not None and proposal.smiles not in self._best:
                    found.setdefault(proposal.smiles, proposal)
        return list(found.values())

    def learn(self, scored: Sequence[Scored]) -> None:
        """Keep the best that have a score and what is kept."""
        new = {
            each.key: each.score
            for each in scored
            if not np.isnan(each.score) and self._may_be_parent(each.key)
        }
        self._take(self._best | new)

    def seeds(self, n: int, rng: np.random.Generator) -> list[Proposal]:
        """Compounds to begin with, made from the cores that are kept.

        One core: itself, with hydrogens at its open positions. Two or three: joined by linkers that were seen
        between such contexts. None without cores, since a SMARTS is no molecule.
        """
        if self.keep is None or not self.keep.is_core:
            return []
        capped, parts = self.keep.pattern, Chem.GetMolFrags(self.keep.pattern)
        if len(parts) == 1:
            whole = self.keep.configured(capped, tuple(range(capped.GetNumAtoms())))
            return [Proposal(written(whole), self.name, step="core")][:n]
        if len(parts) > POINTS:
            raise ConfigError(
                f"keep: '{self.keep.text}' has {len(parts)} cores, expected at most {POINTS} to link"
            )
        core = _Parent(capped, Kept(tuple(range(capped.GetNumAtoms()))), ())
        found: dict[str, Proposal] = {}
        with rdBase.BlockLogs():
            for _ in range(PATIENCE * n):
                if len(found) == n:
                    break
                chosen = [_pick([p for p in part if p not in self.keep.closed], rng) for part in parts]
                points = sorted(
                    (point_at(capped, each) for each in chosen), key=lambda point: point.environment
                )
                made = self._exchange(core, Cut((), tuple(points)), "", rng)
                if made is not None:
                    step = f"linked by {readable(made.fragment)}"
                    found.setdefault(made.smiles, Proposal(made.smiles, self.name, step=step))
        return list(found.values())

    def can_change(self, key: str) -> bool:
        """Whether any fragment was seen that could take a place in a compound, what is kept left alone."""
        table = self.table if self.table is not None else shipped_table()
        rng = np.random.default_rng(0)
        return any(
            draw_fragment(table, cut, self.config, rng, without=fragment_smiles(parent.mol, cut))
            for parent in self._prepare(key)
            for kind in parent.cuts
            for cut in kind
        )

    def bred_from(self, parents: Sequence[Scored]) -> FragmentGenerator:
        """One of this kind whose parents are those of these compounds that have what is kept."""
        breeder = FragmentGenerator(self.table, self.keep, self.config)
        breeder._prepare, breeder._may_be_parent = self._prepare, self._may_be_parent
        breeder.learn(parents)
        return breeder

    def identity(self) -> Mapping[str, Any]:
        """The settings, what is kept, and a digest of the table."""
        return {
            **super().identity(),
            "keep": self.keep.described if self.keep else "",
            "table": (self.table or shipped_table()).digest(),
        }

    def state(self) -> Mapping[str, Any]:
        """The parents and their scores, the best first."""
        return {"best": [[key, score] for key, score in self._best.items()]}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Become what `state` came from."""
        self._take({str(key): float(score) for key, score in state["best"]})

    def _take(self, scores: Mapping[str, float]) -> None:
        self._best = dict(best_first(scores)[: self.config.parents])

    def _cut_up(self, key: str) -> list[_Parent]:
        return _prepare(key, self.keep, self.config.largest)

    def _is_fit(self, key: str) -> bool:
        mol = Chem.MolFromSmiles(key)
        if mol is None or mol.GetNumHeavyAtoms() > HEAVIEST:
            return False
        return self.keep is None or bool(self.keep.find(mol))

    def _change(self, key: str, rng: np.random.Generator) -> Proposal | None:
        """One exchange in a parent; None where nothing fits, or what comes out is no molecule."""
        parent = _pick(self._prepare(key), rng)  # one of the ways to keep what is kept
        if not parent.cuts:
            return None
        cut: Cut = _pick(_pick(parent.cuts, rng), rng)
        old = fragment_smiles(parent.mol, cut)
        made = self._exchange(parent, cut, old, rng)
        if made is None:
            return None
        return Proposal(made.smiles, self.name, (key,), f"{readable(old)} → {readable(made.fragment)}")

    def _exchange(self, parent: _Parent, cut: Cut, old: str, rng: np.random.Generator) -> _Made | None:
        """Another fragment in the place of one, with the proof that what is kept is still there.

        The atoms that were the substructure must be it still, as a reader of the SMILES sees it.
        """
        table = self.table if self.table is not None else shipped_table()
        new = draw_fragment(table, cut, self.config, rng, without=old)
        joined = join(parent.mol, cut, _fragment(new.smiles)) if new is not None else None
        if new is None or joined is None:
            return None
        if self.keep is None:
            return _Made(joined.smiles, new.smiles)
        kept = tuple(joined.place[atom] for atom in parent.kept.atoms)
        product = self.keep.configured(joined.mol, kept)
        if not self.keep.holds(product, kept):
            return None
        return _Made(joined.smiles if product is joined.mol else written(product), new.smiles)


def _prepare(key: str, keep: Keep | None, largest: int) -> list[_Parent]:
    mol = Chem.MolFromSmiles(key)
    everything = cuts(mol, largest=largest)
    ways = keep.find(mol) if keep is not None else [Kept()]
    return [_Parent(mol, kept, _by_kind([cut for cut in everything if _spares(kept, cut)])) for kept in ways]


def _spares(kept: Kept, cut: Cut) -> bool:
    """Whether a cut takes out no kept atom, and touches none that is closed."""
    allowed = kept.open if cut.atoms else kept.growable
    inside = set(kept.atoms)
    return inside.isdisjoint(cut.atoms) and all(p.outer in allowed for p in cut.points if p.outer in inside)


def _by_kind(found: list[Cut]) -> tuple[tuple[Cut, ...], ...]:
    kinds = [tuple(cut for cut in found if not cut.atoms)]
    kinds += [tuple(c for c in found if c.atoms and len(c.points) == k) for k in range(1, POINTS + 1)]
    return tuple(kind for kind in kinds if kind)


@functools.lru_cache(maxsize=1 << 14)
def _fragment(smiles: str) -> Chem.Mol:
    return Chem.MolFromSmiles(smiles)


def _pick(choices: Sequence[Any], rng: np.random.Generator) -> Any:
    return choices[int(rng.integers(len(choices)))]
