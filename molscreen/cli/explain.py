"""``molscreen explain``: which atoms a prediction rests on, and which small changes would turn it round."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from molscreen.cli.console import print_json, print_table, say
from molscreen.cli.options import Json, check_out
from molscreen.errors import UsageError
from molscreen.report.number import number
from molscreen.storage import locate_here

if TYPE_CHECKING:
    from molscreen.prediction.blended import BlendedPredictor
    from molscreen.prediction.counterfactual import Counterfactual


def explain(
    smiles: Annotated[str, typer.Argument(metavar="SMILES")],
    bundle: Annotated[str, typer.Option(metavar="NAME|DIR", help="A shipped bundle or a folder.")],
    endpoint: Annotated[str, typer.Option(metavar="NAME", help="One of the bundle's endpoints.")],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", parser=locate_here, help="Where to draw.")
    ] = None,
    json: Json = False,
) -> None:
    """Show one prediction, what each atom brings to it, and what would turn it round.

    The value of an atom is the prediction less the prediction with that atom hidden, in the
    endpoint's unit: what the experts of the blend used, not a mechanism.

    Below stand the most similar compounds one step away (a group exchanged, added or taken off, an
    atom of a ring exchanged) whose prediction flips: a probability crosses 0.5 and moves by more than
    0.2, a quantity leaves the molecule's 90 % interval.
    """
    if out is not None:
        check_out(out, (".svg",))
    from rdkit import Chem

    from molscreen.chem.compound import Rejection
    from molscreen.chem.depict import draw_svg
    from molscreen.chem.standardize import standardize
    from molscreen.prediction.bundle_file import load_bundle
    from molscreen.prediction.explain import attribute

    compound = standardize(smiles)
    if isinstance(compound, Rejection):
        raise UsageError(f"'{smiles}': {compound.reason}")
    opened = load_bundle(bundle)
    full = opened.full_view()
    weights = attribute(full, [compound.key], [endpoint])[0][:, 0]
    predicted = _predict(full, compound.key, endpoint)
    flips = opened.counterfactuals(compound.key, endpoint)
    symbols = [atom.GetSymbol() for atom in Chem.MolFromSmiles(compound.key).GetAtoms()]
    if json:
        atoms = [
            {"atom": i, "element": symbol, "attribution": weight}
            for i, (symbol, weight) in enumerate(zip(symbols, weights.tolist(), strict=True))
        ]
        steps = [
            {**each.analogue._asdict(), "from": each.before, "to": each.after, "better": each.better}
            for each in flips
        ]
        said = {
            "key": compound.key, "endpoint": endpoint, **predicted._asdict(), "atoms": atoms,
            "counterfactuals": steps,
        }  # fmt: skip
        print_json(said)
    else:
        print_table(
            ("atom", "element", f"brings to {endpoint}"),
            [(str(i), s, number(w)) for i, (s, w) in enumerate(zip(symbols, weights, strict=True))],
            title=f"{compound.key}\n{endpoint}: {predicted}",
        )
        _print_flips(flips, endpoint)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(
            draw_svg(compound.key, size=(500, 400), atom_weights=weights.tolist()), encoding="utf-8"
        )
        say(f"drew {out}")


class Predicted(NamedTuple):
    """What is explained."""

    unit: str
    prediction: float
    low: float
    high: float
    in_domain: bool

    def __str__(self) -> str:
        where = "inside" if self.in_domain else "outside"
        unit = "" if self.unit == "1" else f" {self.unit}"
        bounds = f"{number(self.low)} to {number(self.high)}"
        return f"{number(self.prediction)}{unit} ({bounds}), {where} the domain"


def _predict(full: BlendedPredictor, key: str, name: str) -> Predicted:
    """The prediction of one endpoint, and the domain that is its own."""
    said = full.restricted_to({name}).predict([key])
    [(place, endpoint)] = [(j, each) for j, each in enumerate(said.endpoints) if each.name == name]
    mean, low, high = (float(part[0, place]) for part in (said.mean, said.low, said.high))
    return Predicted(endpoint.unit, mean, low, high, bool(said.in_domain[0]))


def _print_flips(flips: Sequence[Counterfactual], endpoint: str) -> None:
    """The analogues whose prediction flips, or that there is none."""
    if not flips:
        say(f"no analogue one step away flips {endpoint}")
        return
    print_table(
        ("change", "similarity", "from", "to", "analogue"),
        [
            (
                each.analogue.change,
                f"{each.analogue.similarity:.2f}",
                number(each.before),
                number(each.after),
                each.analogue.key,
            )
            for each in flips
        ],
        title=f"what would turn {endpoint} round",
    )
