"""``molscreen explain``: which atoms a prediction rests on, as a table and a drawing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from molscreen.cli.console import print_json, print_table, say
from molscreen.cli.options import Json
from molscreen.errors import UsageError
from molscreen.report.number import number
from molscreen.storage import locate_here


def explain(
    smiles: Annotated[str, typer.Argument(metavar="SMILES")],
    bundle: Annotated[str, typer.Option(metavar="NAME|DIR", help="A shipped bundle or a folder.")],
    endpoint: Annotated[str, typer.Option(metavar="NAME", help="One of the bundle's endpoints.")],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", parser=locate_here, help="Where to draw.")
    ] = None,
    json: Json = False,
) -> None:
    """Show what each atom brings to one endpoint of one molecule.

    The value of an atom is the prediction less the prediction with that atom hidden, in the
    endpoint's unit: what the network used, not a mechanism.
    """
    if out is not None:
        _check_out(out)
    from rdkit import Chem

    from molscreen.chem.compound import Rejection
    from molscreen.chem.depict import draw_svg
    from molscreen.chem.standardize import standardize
    from molscreen.prediction.bundle_file import load_bundle
    from molscreen.prediction.explain import attribute

    compound = standardize(smiles)
    if isinstance(compound, Rejection):
        raise UsageError(f"'{smiles}': {compound.reason}")
    [weights] = attribute(load_bundle(bundle).full_view().ensemble, [compound.key], endpoint)
    symbols = [atom.GetSymbol() for atom in Chem.MolFromSmiles(compound.key).GetAtoms()]
    if json:
        atoms = [
            {"atom": i, "element": symbol, "attribution": weight}
            for i, (symbol, weight) in enumerate(zip(symbols, weights.tolist(), strict=True))
        ]
        print_json({"key": compound.key, "endpoint": endpoint, "atoms": atoms})
    else:
        print_table(
            ("atom", "element", f"brings to {endpoint}"),
            [(str(i), s, number(w)) for i, (s, w) in enumerate(zip(symbols, weights, strict=True))],
            title=compound.key,
        )
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(
            draw_svg(compound.key, size=(500, 400), atom_weights=weights.tolist()), encoding="utf-8"
        )
        say(f"drew {out}")


def _check_out(out: Path) -> None:
    """Refuse an --out that cannot be, before any work."""
    from molscreen.screening.folder.resume import check_writable

    if out.suffix.lower() != ".svg":
        raise UsageError(f"--out {out}: the suffix is '{out.suffix}', expected .svg")
    if out.is_dir():
        raise UsageError(f"--out {out}: a folder; expected the name of a file")
    check_writable(out.parent)
