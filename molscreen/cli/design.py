"""``molscreen design``: new compounds that a plan ranks higher, with where each came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from molscreen.cli.console import place, print_json, print_table, printable, say, short
from molscreen.cli.options import Address, Bundles, Executor, Gpus, Json, OutFolder, Plan, Top, Workers
from molscreen.cli.progress import Ticker
from molscreen.cli.screen import domain_verdict, telling_how_to_go_on
from molscreen.cli.tally import by_number
from molscreen.errors import MolscreenError
from molscreen.number import number, score

if TYPE_CHECKING:
    from molscreen.generation.design import Design
    from molscreen.generation.search.search import RoundReport

SHOWN = 10  # proposals are printed; all of them are in the folder
GUARDS, SEARCH = "What guards it", "How it searches"  # panels of --help
EARLY = 2  # rounds without a score above 0, after which it is said
SAID = 3  # seeds about which there is something to say are printed, of each kind; all are in design.json
LINE = 60  # characters of a SMILES or a step on the terminal


def design(
    out: OutFolder,
    plan: Plan = "oral-drug",
    seeds: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE|STORE", help="Compounds to start from; may be repeated. Else approved drugs."
        ),
    ] = None,
    known: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE|STORE",
            help="What is not new; may be repeated. 2 ms a compound.",
            rich_help_panel=GUARDS,
        ),
    ] = None,
    keep: Annotated[
        str,
        typer.Option(
            metavar="SMARTS|CORE",
            help="What every proposal has, at the same atoms. A core is SMILES that is open at its * alone.",
        ),
    ] = "",
    forbid: Annotated[
        list[str] | None, typer.Option(metavar="SMARTS", help="What none may have; may be repeated.")
    ] = None,
    alerts: Annotated[
        Literal["refuse", "flag"],
        typer.Option(
            help="Groups that do not last, and alerts that the plan flags: refuse what not all seeds have.",
            rich_help_panel=GUARDS,
        ),
    ] = "refuse",
    budget: Annotated[
        int, typer.Option(min=1, metavar="N", help="Compounds that may be scored.", rich_help_panel=SEARCH)
    ] = 1000,
    preset: Annotated[
        Literal["fast", "standard", "expensive"],
        typer.Option(help="How long is thought about each score.", rich_help_panel=SEARCH),
    ] = "standard",
    generator: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="genetic, fragments, reactions or language; may be repeated.",
            rich_help_panel=SEARCH,
        ),
    ] = None,
    bundle: Bundles = None,
    control: Annotated[
        list[str] | None,
        typer.Option(
            metavar="BUNDLE",
            help="Asked about the best, never a reward; else the fast views.",
            rich_help_panel=GUARDS,
        ),
    ] = None,
    top: Top = None,
    bold: Annotated[
        bool,
        typer.Option(
            "--bold",
            help="Believe predictions as they stand, outside their domain as well.",
            rich_help_panel=GUARDS,
        ),
    ] = False,
    pareto: Annotated[
        bool,
        typer.Option(
            "--pareto",
            help="Look for the front of all ways to weigh the plan's wishes.",
            rich_help_panel=SEARCH,
        ),
    ] = False,
    seed: Annotated[
        int, typer.Option(min=0, metavar="S", help="Of all that is random.", rich_help_panel=SEARCH)
    ] = 0,
    batch: Annotated[
        int,
        typer.Option(
            min=0,
            metavar="N",
            help="Compounds of a round; ten keep a worker busy, one of a dear score.",
            rich_help_panel=SEARCH,
        ),
    ] = 0,
    executor: Executor = None,
    workers: Workers = None,
    address: Address = None,
    gpus: Gpus = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the design in --out.")] = False,
    json: Json = False,
) -> None:
    """Propose new compounds, optimised for a plan, and screen the best of them by the same plan.

    Into --out go proposals.csv and .sdf (the best new ones), report.html (how the search went), design.json,
    search/history.parquet (every compound scored, in order), candidates.csv, and proposals/: a run folder
    with explanations and a report of its own. Exit code 1: nothing new has a score above 0.
    """
    from molscreen.generation.design import design as run_design
    from molscreen.generation.front import warn_of_wishes
    from molscreen.generation.settings import DesignConfig
    from molscreen.report.design import write_design_report
    from molscreen.screening.folder.layout import DESIGN
    from molscreen.screening.plan.plan import load_plan

    config = DesignConfig(
        budget=budget, seed=seed, preset=preset, batch=batch, generators=tuple(generator or ()), keep=keep,
        forbid=tuple(forbid or ()), alerts=alerts, bold=bold, pareto=pareto,
    )  # fmt: skip
    wanted = load_plan(plan)
    if pareto and (warning := warn_of_wishes(len(wanted.objective.get("term", ())))):
        say(f"--pareto: {warning}")
    with telling_how_to_go_on(out / DESIGN):
        with Ticker() as ticker:
            found = run_design(
                wanted, out=out, seeds=seeds or (), known=known or (), bundles=bundle or (),
                control=control or (), top=top, executor=executor, workers=workers, address=address,
                gpus=gpus, config=config, resume=resume,
                progress=lambda done: _tell(done, ticker),
            )  # fmt: skip
        write_design_report(found.path)
    _show(found, json=json)


def _tell(done: RoundReport, ticker: Ticker) -> None:
    """One round as a line that the next one replaces; what the search did about itself stays."""
    from molscreen.screening.shortlist import DECIMALS

    ticker(_line(done))
    if done.round == EARLY and round(done.best, DECIMALS) == 0:
        say(
            f"none of the first {done.calls:,} compounds scores above 0: are the plan's limits in the right"
            " unit, and within reach?"
        )
    for each in done.remedies:
        say(str(each))


def _line(done: RoundReport) -> str:
    """One round as one line."""
    shares = ", ".join(f"{name} {100 * share:.0f} %" for name, share in done.shares.items())
    return (
        f"design, {done.calls:,} of {done.budget:,} scored: best {score(done.best)};"
        f" {done.candidates:,} candidates in this round; {shares}"
    )


def _show(found: Design, *, json: bool) -> None:
    """The best proposals, what was refused, and where everything lies."""
    outcome = found.record["outcome"]
    rows = [] if found.run is None else found.proposals.to_pylist()
    if json:
        names = ("rank", "id", "key", "reward", "plain_score", "better_than_seeds", "in_domain")
        shown = [{name: row[name] for name in names} for row in rows]
        print_json({"design": found.path, "outcome": outcome, "proposals": shown})
    elif rows:
        best = f"best {min(SHOWN, len(rows)):,} of {len(rows):,} proposals"
        print(printable(f"{best}, by what the search was rewarded for; plain score: without caution"))
        print_table(
            ("rank", "id", "reward", "plain score", "domain", "known", "SMILES", "by", "step"),
            [
                (
                    str(row["rank"]), row["id"], score(row["reward"]), score(row["plain_score"]),
                    domain_verdict(row), _similarity(row),
                    short(row["key"], LINE), row["proposer"], short(row["step"] or "", LINE),
                )
                for row in rows[:SHOWN]
            ],
        )  # fmt: skip
    if rows and outcome["best_seed"] is not None:
        better = sum(row["better_than_seeds"] for row in rows)
        reward = score(outcome["best_seed"])
        say(f"{better:,} of {len(rows):,} are better than the best seed (reward {reward})")
    if remembered := sum(bool(row["trained_on"]) for row in rows):
        say(
            f"{remembered:,} of {len(rows):,} proposals are known, or isomers of what is known: to a model"
            " they look like a compound that it was trained on (column trained_on)"
        )
    for each in outcome["bad_seeds"]:
        say(f"seed refused: {each}")
    for code, said in found.record["about"].get("seed_warnings", {}).items():
        more = f", and {len(said) - SAID:,} more" if len(said) > SAID else ""
        say(f"seeds, {code.replace('_', ' ')}: {'; '.join(said[:SAID])}{more}")
    _show_counts(found)
    say(f"design folder  {place(found.path)}")
    if found.run is None or not rows:
        where = " inside the domain" if outcome["is_far"] else ""
        say(f"molscreen: no new compound{where} has a score")
        if where:
            say("give --seeds nearer to what was measured, or --bold to believe the models anywhere")
        raise typer.Exit(MolscreenError.exit_code)
    say(f"report         {place(found.path / 'report.html')}")
    say(f"proposals      {place(found.run.path / 'report.html')}")
    if outcome["hopeless"]:
        say(f"molscreen: {outcome['hopeless']}")
        raise typer.Exit(MolscreenError.exit_code)


def _show_counts(found: Design) -> None:
    """Where every proposal went, what the search did about itself, and the gap."""
    about, outcome = found.record["about"], found.record["outcome"]
    for what, where in (("kept", "keep"), ("structural alerts", "alerts")):
        if where in about:
            say(f"{what}: {about[where]}")
    summary = f"{outcome['calls']:,} compounds scored, {outcome['unscored']:,} without a number"
    say("\n  ".join([f"{summary}; {outcome['stopped']}", *by_number(outcome["reasons"])]))
    if outcome["outside"]:
        say(f"{outcome['outside']:,} of them outside the domain, seeds or on the way to it: not proposed")
    if outcome["judged_by_mean"]:
        say(f"judged by the mean, for want of an interval: {', '.join(outcome['judged_by_mean'])}")
    refused = (
        f"{outcome['proposed']:,} proposals: {outcome['passed_over']:,} passed the gates and were not picked;"
        f" refused, seeds included: {sum(outcome['refused'].values()):,}"
    )
    say("\n  ".join([refused, *by_number(outcome["refused"])]))
    say(f"control        {outcome['gap_in_words']}")
    if outcome["front"]:
        front = outcome["front"]
        share = f"{front['compounds']:,} of {front['of']:,} compounds"
        if front["of"]:
            share += f" ({100 * front['compounds'] / front['of']:.0f} %)"
        volume = f"hypervolume {front['hypervolume']:.3f}"
        say(f"front          {share}, {volume}: {place(found.path / 'front.csv')}")
        if front["warning"]:
            say(f"  {front['warning']}")


def _similarity(row: dict[str, Any]) -> str:
    return number(row["nearest_known_similarity"])
