"""Train the prior of the language generator: the command that made `molscreen/generation/language/zinc250k`.

    OMP_NUM_THREADS=1 nice python workflows/generation/train_prior.py --data DATA --work RUNS --out PRIOR

Reads ZINC250k through its dataset card (some four minutes), trains, and goes on from the last whole epoch
when it was killed: unfinished work lies in --work. Then it samples 30,000 molecules and judges them.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch
from rdkit import rdBase

from molscreen.data.card import load_card
from molscreen.generation.benchmark.distribution import judge_prior
from molscreen.generation.language.corpus import DATASET, Corpus, hold_out, read_corpus
from molscreen.generation.language.prior import Prior, load_prior, sample_smiles, save_prior
from molscreen.generation.language.train import PriorConfig, Trained, train_prior
from molscreen.generation.language.writing import Style

SAMPLES = 30_000
COMMAND = (
    "python workflows/generation/train_prior.py --data DATA --work RUNS --out PRIOR --style {style}"
    " --hidden {hidden} --layers {layers} --epochs {epochs} --batch {batch} --rate {rate}"
)


def corpus_of(options: argparse.Namespace, tell: Callable[[str], None]) -> Corpus:
    """Read once, and kept as text in the work folder."""
    kept = options.work / "keys.txt"
    if kept.is_file():
        return hold_out(kept.read_text(encoding="utf-8").split("\n"), options.held_out)
    corpus = read_corpus(options.data, tell)
    kept.write_text("\n".join(sorted(corpus.train + corpus.held_out)), encoding="utf-8")
    return hold_out(corpus.train + corpus.held_out, options.held_out)


def model_card(
    corpus: Corpus, trained: Trained, config: PriorConfig, options: argparse.Namespace
) -> dict[str, Any]:
    card = load_card(DATASET)
    return {
        "data": {
            "dataset": DATASET,
            "citation": card.citation,
            "licence": card.licence,
            "standardised": "by molscreen's recipe: parents, neutral where they can be",
            "trained_on": len(corpus.train) - trained.skipped,
            "skipped": trained.skipped,
            "held_out": len(corpus.held_out),
            "left_out": "the targets of PMO and GuacaMol, whatever their stereochemistry",
        },
        "settings": asdict(config),
        "epochs": [
            {"epoch": e.number, "train": round(e.train_loss, 4), "held_out": round(e.validation_loss, 4)}
            for e in trained.epochs
        ],
        "unit": "nats per token",
        "command": COMMAND.format(**vars(options)),
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "rdkit": rdBase.rdkitVersion,
        },
        "licence": "Apache-2.0, as molscreen",
        "use": "writes drug-like molecules for the language generator; it knows of no target and no toxicity",
    }


def figures_of(prior: Prior, corpus: Corpus) -> dict[str, dict[str, float]]:
    """Of the prior as it proposes, without the grammar, and, to compare, of training molecules."""
    samples = {
        "figures": sample_smiles(prior, SAMPLES, np.random.default_rng(1)),
        "figures_without_grammar": sample_smiles(prior, SAMPLES, np.random.default_rng(1), ruled=False),
        "figures_of_training_molecules": sample_train(corpus),
    }
    return {name: judge(texts, corpus) for name, texts in samples.items()}


def sample_train(corpus: Corpus) -> list[str]:
    rng, n = np.random.default_rng(1), len(corpus.train)
    return [corpus.train[i] for i in rng.choice(n, size=min(n, SAMPLES), replace=False)]


def judge(samples: list[str], corpus: Corpus) -> dict[str, float]:
    report = judge_prior(samples, train=corpus.train, held_out=corpus.held_out)
    return {name: round(value, 5) for name, value in asdict(report).items()}


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    default = PriorConfig()
    parser.add_argument("--data", type=Path, help="where the files of dataset cards lie")
    parser.add_argument("--work", type=Path, required=True, help="for unfinished work")
    parser.add_argument("--out", type=Path, required=True, help="a new directory, named as the prior")
    parser.add_argument("--style", choices=get_args(Style), default=default.style)
    parser.add_argument("--hidden", type=int, default=256)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=default.epochs)
    parser.add_argument("--batch", type=int, default=default.batch)
    parser.add_argument("--rate", type=float, default=default.learning_rate)
    parser.add_argument("--held-out", type=int, default=10_000)
    parser.add_argument("--first", type=int, help="train on the first N molecules only")
    return parser.parse_args()


def main() -> None:
    options = read_options()

    def tell(text: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)

    options.work.mkdir(parents=True, exist_ok=True)
    corpus = corpus_of(options, tell)
    if options.first:
        corpus = Corpus(corpus.train[: options.first], corpus.held_out)
    config = PriorConfig(
        style=options.style, epochs=options.epochs, batch=options.batch, learning_rate=options.rate
    )
    tell(f"{len(corpus.train):,} molecules to learn from, {len(corpus.held_out):,} held out; {config}")
    trained = train_prior(
        corpus.train, corpus.held_out,
        hidden=options.hidden, layers=options.layers, config=config, scratch=options.work, progress=tell,
    )  # fmt: skip
    about = model_card(corpus, trained, config, options)
    draft = options.work / "draft" / time.strftime("%H%M%S")
    save_prior(
        trained.network, trained.vocabulary, draft, name=options.out.name, style=config.style, about=about
    )
    tell(f"judging {SAMPLES:,} samples, three times")
    about |= figures_of(load_prior(draft), corpus)
    tell(str(about["figures"]))
    save_prior(
        trained.network, trained.vocabulary, options.out, name=options.out.name, style=config.style,
        about=about,
    )  # fmt: skip


if __name__ == "__main__":
    main()
