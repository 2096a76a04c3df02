"""Grammar: which token may follow, so that what is opened is closed and no atom has too many bonds."""

from __future__ import annotations

import re

import torch
from rdkit import Chem, rdBase
from torch import Tensor

from molscreen.generation.language.tokens import END, START, Vocabulary

DEEPEST, LARGEST = 32, 160  # branches within branches, atoms
_RING = re.compile(r"%?\d+")
_HYDROGENS = re.compile(r"(?<=[A-Za-z@])H(\d*)")
_ORDER = {"-": 1, "/": 1, "\\": 1, ":": 1, "=": 2, "#": 3}
_ANY = 8  # bonds, where RDKit knows no limit
_NOTHING, _ATOM, _OPENED, _BOND, _CLOSED, _LABEL = range(6)  # what a token is


class Grammar:
    """What SMILES that are being written have open, and what may therefore follow.

    Branches and rings are closed before the end, and can be; no bond leads nowhere, no ring has fewer than
    three atoms, no atom gets more bonds than RDKit lets it have, its last bond is not one to a branch, and a
    ring is opened with the lowest label that is free. Whatever RDKit writes is allowed. Whether aromatic
    rings have a Kekulé structure is not looked at: where a network writes them with single and double bonds,
    nearly all that ends is a molecule.

    Parameters
    ----------
    vocabulary : Vocabulary
    n : int
        SMILES that are written side by side.

    References
    ----------
    That rules can keep a network from what is no molecule: Krenn et al., Mach. Learn.: Sci. Technol. 1,
    045024 (2020), doi:10.1088/2632-2153/aba947, for another language than SMILES.

    Examples
    --------
    >>> vocabulary = Vocabulary.of(["C1(F)C=C1O"])
    >>> grammar = Grammar(vocabulary, 1)
    >>> for token in "C1(F":
    ...     grammar.follow(torch.tensor([vocabulary.tokens.index(token)]))
    >>> [token for token, may in zip(vocabulary.tokens, grammar.allowed()[0]) if may]  # fluorine has its bond
    [')']
    """

    def __init__(self, vocabulary: Vocabulary, n: int) -> None:
        tokens = vocabulary.tokens
        labels = sorted(filter(_RING.fullmatch, tokens), key=lambda each: int(each.strip("%")))
        self._kind = torch.tensor([_kind(each) for each in tokens])  # (v,)
        self._order = torch.tensor([_ORDER.get(each, 0) for each in tokens])  # (v,)
        self._valence = torch.tensor([_valence(each) for each in tokens])  # (v,)
        self._label = torch.tensor([labels.index(each) if each in labels else -1 for each in tokens])  # (v,)
        self._last = torch.full((n,), _NOTHING)
        self._pending = torch.zeros(n, dtype=torch.int64)  # order of a bond that waits for its atom
        self._bare = torch.zeros(n, dtype=torch.bool)  # in a branch without an atom
        self._depth = torch.zeros(n, dtype=torch.int64)
        self._stack = torch.zeros((n, DEEPEST), dtype=torch.int64)  # atom to go on from, at each depth
        self._atoms = torch.zeros(n, dtype=torch.int64)  # written; they are numbered from 1
        self._left = torch.zeros((n, LARGEST), dtype=torch.int64)  # bonds that each may still have
        self._before = torch.zeros((n, LARGEST), dtype=torch.int64)  # the atom that each was bound to
        self._ring = torch.zeros(
            (n, len(labels)), dtype=torch.int64
        )  # order of a bond that waits for its end
        self._used = torch.zeros((n, len(labels)), dtype=torch.bool)  # a ring was closed at this atom
        self._opener = torch.zeros((n, len(labels)), dtype=torch.int64)  # the atom where that begins

    def allowed(self) -> Tensor:
        """(n, v) bool; a start is never allowed."""
        here, need = self._here(), self._pending.clamp_min(1)
        left = self._of(self._left, here) - self._bare.long()  # a branch is not the last that an atom has
        is_open = (self._ring > 0).sum(dim=1)
        begun = self._last == _NOTHING
        settled = (self._last == _ATOM) | (self._last == _CLOSED) | (self._last == _LABEL)
        more = need + ((is_open > 0) & (self._depth == 0)).long()  # a ring that is open must be reached
        fits = (left >= need)[:, None] & (self._valence >= more[:, None])
        room = self._atoms < LARGEST - 1
        may = (self._kind == _ATOM) & (begun[:, None] | fits) & room[:, None]  # (n, v)
        bond = (settled | (self._last == _OPENED))[:, None] & (self._order <= left[:, None])
        may |= (self._kind == _BOND) & bond
        opens = settled & (left > 1) & (self._depth < DEEPEST - 1)
        may |= (self._kind == _OPENED) & opens[:, None]
        may |= (self._kind == _CLOSED) & (settled & (self._depth > 0))[:, None]
        if self._ring.shape[1]:
            may |= (self._label >= 0) & self._may_label(here, left, need, is_open)[
                :, self._label.clamp_min(0)
            ]
        may[:, END] = settled & (self._depth == 0) & (self._ring == 0).all(dim=1)
        may[:, START] = False
        return may

    def weigh(self, chance: Tensor) -> Tensor:
        """The chances (n, v) of what is allowed; they need not sum to 1.

        Where a network would end with a ring open, that it closes one becomes as much more probable.
        """
        may = self.allowed()
        weight = chance * may
        if self._ring.shape[1]:
            waits = (self._ring > 0)[:, self._label.clamp_min(0)] & (self._label >= 0) & may  # (n, v)
            lost = torch.where(may[:, END], 0.0, chance[:, END]) / waits.sum(dim=1).clamp_min(1)
            weight += waits * lost[:, None]
        return weight

    def _may_label(self, here: Tensor, left: Tensor, need: Tensor, is_open: Tensor) -> Tensor:
        """(n, r): where a ring may be opened or closed now."""
        before = self._of(self._before, here)[:, None]
        order = torch.maximum(self._ring, need[:, None])
        more = order - self._ring  # of a bond that was opened as a single one
        on = (self._depth == 0).long()  # where rings are open still, it must go on from here
        closes = left[:, None] >= order + (on * (is_open > 1))[:, None]
        closes &= self._left.gather(1, self._opener) >= more
        closes &= (self._opener != here[:, None]) & (self._opener != before)
        place = ((self._last == _ATOM) | (self._last == _LABEL) | (self._last == _BOND)) & ~self._bare
        free = (self._ring == 0) & ~self._used
        opens = free & (free.cumsum(dim=1) == 1) & (left >= need + on)[:, None]  # the lowest label
        return place[:, None] & torch.where(self._ring > 0, closes, opens)

    def follow(self, token: Tensor) -> None:
        """Take in what was written (n,): each a token that was allowed."""
        kind = self._kind[token]
        self._take_label(token)
        self._take_atom(token)
        opened = _rows(kind == _OPENED)
        self._stack[opened, self._depth[opened] + 1] = self._stack[opened, self._depth[opened]]
        self._depth = self._depth + (kind == _OPENED).long() - (kind == _CLOSED).long()
        self._bare = (kind == _OPENED) | (self._bare & (kind == _BOND))
        self._pending, self._last = self._order[token], kind

    def _take_label(self, token: Tensor) -> None:
        """Open or close rings: a bond of the atom that is labelled is taken."""
        rows = _rows(self._label[token] >= 0)
        label, here, need = self._label[token[rows]], self._here()[rows], self._pending[rows].clamp_min(1)
        waits = self._ring[rows, label]
        order = torch.maximum(waits, need)
        closing = waits > 0
        self._left[rows, here] -= order
        self._left[rows[closing], self._opener[rows, label][closing]] -= (order - waits)[closing]
        self._ring[rows, label] = torch.where(closing, 0, order)
        self._used[rows, label] = closing
        self._opener[rows, label] = here

    def _take_atom(self, token: Tensor) -> None:
        """Bind new atoms to those before them."""
        rows = _rows(self._kind[token] == _ATOM)
        here, first = self._here()[rows], self._last[rows] == _NOTHING
        order = torch.where(first, 0, self._pending[rows].clamp_min(1))
        self._atoms[rows] += 1
        new = self._atoms[rows]
        self._left[rows, here] -= order
        self._left[rows, new] = self._valence[token[rows]] - order
        self._before[rows, new] = here
        self._used[rows] = False
        self._stack[rows, self._depth[rows]] = new

    def keep(self, chosen: Tensor) -> None:
        """Forget the others (n,) bool."""
        self._last, self._pending, self._bare = (
            each[chosen] for each in (self._last, self._pending, self._bare)
        )
        self._depth, self._stack, self._atoms = (
            each[chosen] for each in (self._depth, self._stack, self._atoms)
        )
        self._left, self._before = self._left[chosen], self._before[chosen]
        self._ring, self._opener, self._used = (
            each[chosen] for each in (self._ring, self._opener, self._used)
        )

    def _here(self) -> Tensor:
        """(n,): number of the atom to go on from."""
        return self._of(self._stack, self._depth)

    def _of(self, values: Tensor, place: Tensor) -> Tensor:
        return values.gather(1, place[:, None])[:, 0]


def _rows(chosen: Tensor) -> Tensor:
    return chosen.nonzero()[:, 0]


def _kind(token: str) -> int:
    if token in _ORDER:
        return _BOND
    if _RING.fullmatch(token):
        return _LABEL
    if token in ("<end>", "<start>", "."):
        return _NOTHING
    return {"(": _OPENED, ")": _CLOSED}.get(token, _ATOM)


def _valence(token: str) -> int:
    """Most bonds of an atom, but for those to the hydrogens it is written with; 0 for what is no atom.

    An ion has as many as the element with as many electrons, which is how RDKit counts.
    """
    params = Chem.SmilesParserParams()
    params.sanitize = False  # type: ignore[assignment]
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(token, params) if _kind(token) == _ATOM else None
    if mol is None or mol.GetNumAtoms() != 1:
        return 0
    atom = mol.GetAtomWithIdx(0)
    known = Chem.GetPeriodicTable().GetValenceList(max(1, atom.GetAtomicNum() - atom.GetFormalCharge()))
    written = _HYDROGENS.search(token)
    hydrogens = int(written[1] or 1) if written else 0
    return max(0, (_ANY if -1 in known else max(known)) - hydrogens)
