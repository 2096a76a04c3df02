"""How good a prediction is: regression, ranking and calibration metrics, with ties and NaN defined.

NaN is refused by name and position, never dropped. Where the data admit no value (one class only, a
constant truth) a metric raises `UndefinedMetricError`; `evaluate_columns` turns that into NaN with its
reason.
"""

from molscreen.metrics.arrays import UndefinedMetricError
from molscreen.metrics.calibration import brier, ece, interval_coverage
from molscreen.metrics.evaluate import METRICS, Evaluation, Metric, evaluate_columns
from molscreen.metrics.ranking import auprc, auroc, bedroc, enrichment_factor
from molscreen.metrics.regression import mae, r2, rmse, spearman

__all__ = [
    "METRICS",
    "Evaluation",
    "Metric",
    "UndefinedMetricError",
    "auprc",
    "auroc",
    "bedroc",
    "brier",
    "ece",
    "enrichment_factor",
    "evaluate_columns",
    "interval_coverage",
    "mae",
    "r2",
    "rmse",
    "spearman",
]
