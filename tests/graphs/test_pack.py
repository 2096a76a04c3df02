"""Packing loses nothing, and damaged bytes are refused before they reach a network."""

import dataclasses
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molscreen.graphs.features import featurize, featurize_batch
from molscreen.graphs.molgraph import MolGraph
from molscreen.graphs.pack import (
    ATOM_SIZES,
    ATOM_TABLE,
    BOND_SIZES,
    BOND_TABLE,
    PackedGraphs,
    from_blobs,
    from_buffer,
    pack,
    to_blobs,
    to_bytes,
    unpack,
)

IMATINIB = "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1"
KEYS = ("CCO", "C", "CC(=O)Oc1ccccc1C(=O)O", "C[C@H](N)C(=O)O", "O=C(O)/C=C/C(=O)O", "[Cl-].[Na+]", IMATINIB)


@st.composite
def molgraphs(draw):
    """Any graph the fields allow, from none to 256 atoms."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    a = draw(st.integers(0, 256))
    pairs = np.argwhere(np.triu(np.ones((a, a), bool), 1))
    chosen = pairs[np.sort(rng.permutation(len(pairs))[: draw(st.integers(0, 300))])].reshape(-1, 2).T
    attr = rng.integers(0, BOND_SIZES, (chosen.shape[1], len(BOND_SIZES)), np.uint8)
    return MolGraph(
        rng.integers(0, ATOM_SIZES, (a, len(ATOM_SIZES)), np.uint8),
        np.concatenate([chosen, chosen[::-1]], axis=1).astype(np.int32),
        np.concatenate([attr, attr]),
    )


def assert_same(ours, theirs):
    """Equal arrays of equal types, field by field, of two MolGraphs or two PackedGraphs."""
    for field in dataclasses.fields(theirs):
        np.testing.assert_array_equal(getattr(ours, field.name), getattr(theirs, field.name), strict=True)


@settings(deadline=None, max_examples=50)
@given(st.lists(molgraphs(), max_size=5))
def test_unpacking_undoes_packing(graphs):
    """For any ids, not only those of real molecules."""
    for ours, theirs in zip(unpack(pack(graphs)), graphs, strict=True):
        assert_same(ours, theirs)


@settings(deadline=None, max_examples=50)
@given(st.lists(molgraphs(), max_size=5))
def test_bytes_carry_everything(graphs):
    """One blob per molecule, through a pipe or a column, and back into the flat arrays."""
    blobs = [to_bytes(graph) for graph in graphs]
    assert_same(from_blobs(blobs), pack(graphs))
    assert to_blobs(pack(graphs)) == blobs


@given(st.lists(st.integers(0, len(KEYS) - 1), max_size=20))
def test_graphs_in_a_buffer_are_read_from_any_place(index):
    """In any order, repeated, with foreign bytes between: as a column of a store holds them."""
    blobs = to_blobs(featurize_batch(KEYS))
    data = np.frombuffer(b"".join(b"\xff\xff\xff" + blob for blob in blobs), np.uint8)
    size = np.array([len(blob) for blob in blobs])
    start = np.cumsum(size + 3) - size
    rows = np.array(index, dtype=np.intp)
    assert_same(from_buffer(data, start[rows], size[rows]), featurize_batch(KEYS).take(rows))


@given(st.lists(st.integers(-len(KEYS), len(KEYS) - 1), max_size=20))
def test_take_is_list_indexing(index):
    """Repeats, negatives and nothing at all included."""
    graphs = featurize_batch(KEYS)
    assert_same(graphs.take(index), featurize_batch([KEYS[i] for i in index]))


@pytest.mark.parametrize("cut", range(len(KEYS) + 1))
def test_concatenating_parts_gives_the_whole(cut):
    whole = featurize_batch(KEYS)
    assert_same(PackedGraphs.concatenate([featurize_batch(KEYS[:cut]), featurize_batch(KEYS[cut:])]), whole)


def test_nothing_packs_to_nothing():
    """An empty shard keeps its types, so that it can be concatenated and collated."""
    for empty in (pack([]), from_blobs([]), PackedGraphs.concatenate([]), featurize_batch(KEYS).take([])):
        assert len(empty) == 0
        assert_same(empty, featurize_batch([]))


def test_tables_are_the_inverse_of_the_codes():
    """Every combination of ids has exactly one code, and the code fits its type."""
    for table, sizes, dtype in ((ATOM_TABLE, ATOM_SIZES, np.uint16), (BOND_TABLE, BOND_SIZES, np.uint8)):
        assert len(table) <= np.iinfo(dtype).max + 1
        assert (np.ravel_multi_index(tuple(table.T), sizes) == np.arange(len(table))).all()
        assert not table.flags.writeable


def test_a_molecule_takes_four_bytes_two_per_atom_and_three_per_bond():
    """Imatinib, larger than most drugs: 37 atoms and 41 bonds in 201 bytes."""
    assert len(to_bytes(featurize(IMATINIB))) == 4 + 2 * 37 + 3 * 41


def damaged(blob):
    """Every way a blob may be wrong, with the words of its refusal."""
    past_atoms = bytearray(blob)
    past_atoms[-3 * 2] = 200  # an end of the first of ethanol's two bonds
    no_such_atom = bytearray(blob)
    no_such_atom[4:6] = struct.pack("<H", len(ATOM_TABLE))
    no_such_bond = bytearray(blob)
    no_such_bond[-1] = len(BOND_TABLE)
    return [
        (b"", "has no header"),
        (blob[:3], "has no header"),
        (blob[:-1], "has 15 bytes, not those of 3 atoms and 2 bonds: it is damaged"),
        (blob + b"\0", "has 17 bytes, not those of 3 atoms and 2 bonds: it is damaged"),
        (bytes(past_atoms), "a bond to an atom that does not exist"),
        (bytes(no_such_atom), "code that does not exist"),
        (bytes(no_such_bond), "code that does not exist"),
    ]


@pytest.mark.parametrize(
    ("blob", "message"), damaged(to_bytes(featurize("CCO"))), ids=lambda value: str(value)[:20]
)
def test_damaged_bytes_are_refused(blob, message):
    """Between good ones, so that the position in the message can be checked as well."""
    good = to_bytes(featurize("CCO"))
    with pytest.raises(ValueError, match=message) as error:
        from_blobs([good, blob, good])
    if "header" in message or "bytes" in message:
        assert str(error.value).startswith("graph 1 ")


def test_arrays_that_do_not_fit_are_refused():
    graphs = featurize_batch(KEYS)
    with pytest.raises(ValueError, match=r"atom has shape \(\d+,\), expected"):
        dataclasses.replace(graphs, atom=graphs.atom[:-1])
    with pytest.raises(ValueError, match=r"ends has shape \(\d+, 1\), expected"):
        dataclasses.replace(graphs, ends=graphs.ends[:, :1])


def test_an_id_outside_its_vocabulary_is_refused():
    graph = featurize("CCO")
    with pytest.raises(ValueError, match="invalid entry in coordinates array"):
        pack([dataclasses.replace(graph, x=graph.x + np.uint8(100))])
