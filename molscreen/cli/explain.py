"""``molscreen explain``: which atoms a prediction rests on, and which small changes would turn it round."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from molscreen.cli.console import print_json, print_table, say
from molscreen.cli.options import Json, check_out
from molscreen.number import number, shown_unit
from molscreen.storage import locate_here

if TYPE_CHECKING:
    from molscreen.endpoint import Endpoint
    from molscreen.prediction.explained.counterfactual import Counterfactual
    from molscreen.prediction.explanation import Explanation


def explain(
    smiles: Annotated[str, typer.Argument(metavar="SMILES")],
    bundle: Annotated[str, typer.Option(metavar="NAME|DIR", help="A shipped bundle or a folder.")],
    endpoint: Annotated[str, typer.Option(metavar="NAME", help="One of the bundle's endpoints.")],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", parser=locate_here, help="Where to draw.")
    ] = None,
    json: Json = False,
) -> None:
    """Show one prediction, what each atom brings to it, what it learnt from, and what would turn it round.

    The value of an atom is the prediction less the prediction with that atom hidden, in the
    endpoint's unit: what the experts of the blend used, not a mechanism. A probability near 0 or 1
    hardly moves, whatever is hidden: beside it stands the factor by which the atom changes the odds,
    and the drawing is coloured by it. Atoms are counted from 1 in the structure as it was judged,
    which is printed; the drawing has their numbers.

    The nearest training compounds stand below, with what they were measured for where the bundle keeps
    that, as it does for activities: a property may have been learnt from others than these.

    Last come the most similar compounds one step away (a group exchanged, added or taken off, an
    atom of a ring exchanged) whose prediction flips: a probability crosses 0.5 and moves by more than
    0.2, a quantity leaves the molecule's 90 % interval. The report of a screen asks what turns a wish
    of its plan round, which may be less.
    """
    if out is not None:
        check_out(out, (".svg",))
    from molscreen.prediction.explanation import explain as ask

    said = ask(smiles, bundle=bundle, endpoint=endpoint)
    if json:
        print_json(_as_json(said))
    else:
        _print_atoms(said)
        _print_neighbours(said)
        _print_flips(said.counterfactuals, said.endpoint)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(said.svg((500, 400)), encoding="utf-8")
        say(f"drew {out}")


def _as_json(said: Explanation) -> dict[str, Any]:
    """The same as a JSON-able mapping."""
    atoms = zip(said.elements, said.atoms.tolist(), _odds_ratios(said), strict=True)
    return {
        "key": said.key,
        "endpoint": said.endpoint.name,
        "unit": said.endpoint.unit,
        "prediction": said.value,
        "low": said.low,
        "high": said.high,
        "in_domain": said.in_domain,
        "drugs_below": said.drugs_below,
        "atoms": [
            {"atom": i, "element": element, "attribution": weight, "odds_ratio": odds}
            for i, (element, weight, odds) in enumerate(atoms, start=1)
        ],
        "neighbours": [each._asdict() for each in said.neighbours],
        "neighbours_measured_for": said.measured or None,
        "counterfactuals": [
            {**each.analogue._asdict(), "from": each.before, "to": each.after, "better": each.better}
            for each in said.counterfactuals
        ],
    }


def _print_atoms(said: Explanation) -> None:
    """The prediction in one line, and what each atom brings to it."""
    unit = f" ({said.endpoint.unit})" if said.endpoint.unit else ""
    columns = ["atom", "element", f"brings to {said.endpoint.name}{unit}"]
    told = said.atom_map.in_words(shown_unit(said.endpoint.unit))
    atoms = enumerate(zip(said.elements, said.atoms.tolist(), strict=True), start=1)
    rows = [[str(i), element, number(weight)] for i, (element, weight) in atoms]
    if said.atom_map.is_probability:
        columns.append("odds times")
        rows = [[*row, number(odds)] for row, odds in zip(rows, _odds_ratios(said), strict=True)]
    print_table(columns, rows, title=f"{said.key}\n{said}\n{told}")


def _odds_ratios(said: Explanation) -> list[float | None]:
    """By what each atom multiplies the odds of a probability; None of a quantity."""
    if not said.atom_map.is_probability:
        return [None] * len(said.atoms)
    return [math.exp(each) for each in said.atom_map.log_odds]


def _print_neighbours(said: Explanation) -> None:
    """The training compounds that are near."""
    print_table(
        ("similarity", "id"),
        [(f"{each.similarity:.2f}", each.id) for each in said.neighbours],
        title=said.about_neighbours,
    )


def _print_flips(flips: Sequence[Counterfactual], endpoint: Endpoint) -> None:
    """The analogues whose prediction flips, or that there is none, and what that means."""
    if not flips:
        is_measured = endpoint.kind == "regression"
        flip = "out of its 90 % interval" if is_measured else "across 0.5 and by more than 0.2"
        say(f"no analogue one step away flips {endpoint.name}, {flip}; the wish of a plan may turn sooner")
        return
    print_table(
        ("change", "similarity", "from", "to", "analogue"),
        [
            (
                each.analogue.change,
                f"{each.analogue.similarity:.2f}",
                number(each.before, endpoint.unit),
                number(each.after, endpoint.unit),
                each.analogue.key,
            )
            for each in flips
        ],
        title=f"what would turn {endpoint.name} round",
    )
