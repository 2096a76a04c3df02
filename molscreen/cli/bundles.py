"""``molscreen bundles``: the bundles at hand, verified; ``bundles show`` prints a model card."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from molscreen.cli.console import print_json, print_table
from molscreen.cli.options import Json
from molscreen.errors import BundleError

app = typer.Typer(help="List and verify the bundles that ship, or show a model card.")


@app.callback(invoke_without_command=True)
def bundles(context: typer.Context, json: Json = False) -> None:
    """List the bundles that ship; every part is compared with its sha256."""
    if context.invoked_subcommand is not None:
        return
    from molscreen.prediction.bundle.manifest import find_bundles

    rows = [describe(name) for name in find_bundles()]
    if json:
        print_json(rows)
    else:
        print_table(
            ("bundle", "endpoints", "state"), [(r["name"], str(r["endpoints"]), r["state"]) for r in rows]
        )
    if any(row["state"] != "ok" for row in rows):
        raise typer.Exit(BundleError.exit_code)


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(metavar="NAME|DIR", help="A shipped bundle or a folder.")],
) -> None:
    """Print the model card: endpoints, algorithm, domain, performance, data and licences."""
    from molscreen.prediction.bundle.bundle_file import load_bundle

    print(load_bundle(name).card)


def describe(name: str) -> dict[str, Any]:
    """Name, number of endpoints, and "ok" or what is wrong with a bundle."""
    from molscreen.prediction.bundle.bundle_file import load_bundle

    try:
        return {"name": name, "endpoints": len(load_bundle(name).endpoints), "state": "ok"}
    except BundleError as error:
        return {"name": name, "endpoints": 0, "state": str(error)}
