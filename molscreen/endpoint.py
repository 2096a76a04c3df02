"""Endpoint: what was measured, in which unit, and which way is better."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from molscreen.errors import ConfigError, did_you_mean

Kind = Literal["regression", "classification"]
Direction = Literal["higher", "lower", "none"]
Role = Literal["activity", "toxicity", "property"]
Scale = Literal["linear", "log10"]

BOUNDS: dict[Kind, str] = {"regression": "90 % interval", "classification": "Venn-ABERS bounds"}
"""What the two bounds of a prediction are; see `molscreen.prediction.predictor.Prediction`."""

_LIMITS = {"%": (0.0, 100.0), "fraction": (0.0, 1.0), "probability": (0.0, 1.0)}  # of what is a share of all

_FEW = 3  # endpoints of one target, at most; a word that more have in common means none of them

P_SCALE = "-log10(mol/L)"
MOLAR: dict[str, float] = {"M": 1.0, "mM": 1e-3, "uM": 1e-6, "µM": 1e-6, "μM": 1e-6, "nM": 1e-9, "pM": 1e-12}

# What a potency is called: IC50, EC90, Ki; without a p or a log before it, a concentration.
_POTENCY = (
    r"(?:(?i:AC|CC|EC|ED|GI|IC|LC|TC|XC)[ _]?\d\d(?!\d)|[Kk][bdiBDI](?![A-Za-z0-9])|(?i:MIC)(?![A-Za-z]))"
)
_P_POTENCY = re.compile(
    rf"(?<![a-z])p{_POTENCY}"  # EGFRpIC50, and not topic50
    r"|(?<![A-Za-z])(?:P(?i:[AEIX]C|ED|GI)50(?!\d)|(?i:pChEMBL)|p(?:A2|Activity|Affinity|Potency)(?![A-Za-z0-9]))"
)
_LOG = r"(?<![A-Za-z])(?i:log)"
_MINUS_LOG = r"(?:(?<![A-Za-z0-9])[-−–]|(?<![A-Za-z])(?i:neg(?:ative)?|minus))[ _(]*(?i:log)"
_OF = r"(?:_?10)?[ _(\[]*"  # between log and what it is of
_LOG_POTENCY = re.compile(rf"(?:{_LOG}|{_MINUS_LOG}){_OF}{_POTENCY}")
_P_SCALE = re.compile(rf"{_MINUS_LOG}{_OF}(?:{_POTENCY}|(?i:mol/l)|M(?![A-Za-z]))")
_LOGARITHM = re.compile(  # not pM, not pH
    rf"{_LOG}|{_MINUS_LOG}|(?<![A-Za-z])p(?:IC|EC|AC|GI|CC|LC|LD|XC|K(?:[a-z]|act|app|inact)?(?![A-Za-z]))"
)
_UNIT = re.compile(  # IC50 (nM), Ki_uM; not that of a dose, as in "inhibition at 10 uM"
    r"(?P<dose>(?<![A-Za-z0-9.])\d+(?:[.,]\d+)?[ _]?)?"
    r"(?P<whole>[ _]*(?:[(\[] *M *[)\]]|[(\[]? *(?<![A-Za-z])(?:mM|uM|µM|μM|nM|pM)(?![A-Za-z]) *[)\]]?))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedScale:
    """What the name and the unit of a quantity say of its values.

    Attributes
    ----------
    logarithm : bool
        They are logarithms already.
    potency : bool
        They are logarithms of the concentration at which something happens.
    p_scale : bool
        They are ``-log10(mol/L)``: larger is more potent.
    """

    logarithm: bool
    potency: bool
    p_scale: bool


def named_scale(name: str, unit: str = "") -> NamedScale:
    """The scale that the name of a quantity, or its unit, speaks of.

    Parameters
    ----------
    name : str
        Of a column or an endpoint.
    unit : str

    Examples
    --------
    >>> named_scale("pChEMBL Value")
    NamedScale(logarithm=True, potency=True, p_scale=True)
    >>> named_scale("log IC50")
    NamedScale(logarithm=True, potency=True, p_scale=False)
    >>> named_scale("Caco2", unit="log10 cm/s")
    NamedScale(logarithm=True, potency=False, p_scale=False)
    """
    is_p = any(_P_POTENCY.search(text) or _P_SCALE.search(text) for text in (name, unit))
    potency = any(_P_POTENCY.search(text) or _LOG_POTENCY.search(text) for text in (name, unit))
    return NamedScale(
        logarithm=is_p or potency or any(_LOGARITHM.search(text) for text in (name, unit)),
        potency=potency,
        p_scale=is_p,
    )


def split_unit(name: str) -> tuple[str, str]:
    """A name without the molar unit in it, and that unit; "" where there is none.

    Examples
    --------
    >>> split_unit("IC50 (nM)"), split_unit("Ki_uM"), split_unit("% inhibition at 10 uM")
    (('IC50', 'nM'), ('Ki', 'uM'), ('% inhibition at 10 uM', ''))
    """
    for found in _UNIT.finditer(name):
        if not found["dose"]:
            rest = name[: found.start("whole")] + name[found.end("whole") :]
            return rest.strip(" _"), found["whole"].strip(" _()[]")
    return name, ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One measured quantity: a column of an assay table and an output of a predictor.

    Attributes
    ----------
    name : str
        Unique within a bundle, for example ``CHEMBL204_Ki`` or ``NR-AhR``.
    kind : {"regression", "classification"}
        A classification endpoint is the probability, in [0, 1], that the label is 1.
    unit : str
        Of the value that is read and predicted; "probability" for classification. "%" and "fraction" are
        of shares, see `limits`; percentages that noise takes beyond 0 and 100, such as an inhibition, want
        a unit like "% inhibition".
    direction : {"higher", "lower", "none"}
        Which way is better for a drug; "none" where it depends on the project.
    role : {"activity", "toxicity", "property"}
    description : str
        What a value (or label 1) means, in one phrase.
    scale : {"linear", "log10"}
        The scale a network is fitted on; predictions come back in `unit` all the same.
    """

    name: str
    kind: Kind = "regression"
    unit: str = ""
    direction: Direction = "none"
    role: Role = "property"
    description: str = ""
    scale: Scale = "linear"

    def __post_init__(self) -> None:
        for field, choices in (("kind", Kind), ("direction", Direction), ("role", Role), ("scale", Scale)):
            value, known = getattr(self, field), get_args(choices)
            if value not in known:
                raise ConfigError(
                    f"endpoint '{self.name}': {field} is '{value}', expected one of"
                    f" {', '.join(known)}.{did_you_mean(str(value), known)}"
                )
        if self.kind == "classification" and self.scale != "linear":
            raise ConfigError(f"endpoint '{self.name}': a classification endpoint has no log10 scale")

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the largest value that there can be; infinite where the unit sets no limit.

        Measurements beyond are refused, and predictions are kept within.

        Examples
        --------
        >>> Endpoint(name="PPBR", unit="%").limits, Endpoint(name="logD", unit="logD").limits
        ((0.0, 100.0), (-inf, inf))
        """
        return _LIMITS.get(self.unit, (-math.inf, math.inf))


def are_labels(endpoints: Sequence[Endpoint]) -> NDArray[np.bool_]:
    """Which of t endpoints (t,) are labels; the others are measured quantities.

    Examples
    --------
    >>> are_labels([Endpoint(name="hERG", kind="classification"), Endpoint(name="pKi")]).tolist()
    [True, False]
    """
    return np.array([endpoint.kind == "classification" for endpoint in endpoints], bool)


def did_you_mean_endpoint(name: str, endpoints: Sequence[Endpoint], others: Iterable[str] = ()) -> str:
    """`` Did you mean …?`` for the endpoints that the name is a word of, or for the nearest name, or "".

    Who asks for thrombin or JAK2 knows a target by another name than its endpoint has.

    Parameters
    ----------
    name : str
    endpoints : sequence of Endpoint
    others : iterable of str
        More names that are known, of which no description is.

    Examples
    --------
    >>> potency = Endpoint(name="CHEMBL204_Ki", description="Ki at the target 'thrombin' (F2, Protease)")
    >>> did_you_mean_endpoint("f2", [potency])
    " Did you mean 'CHEMBL204_Ki' (Ki at the target 'thrombin' (F2, Protease))?"
    """
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
    meant = [f"'{each.name}' ({each.description})" for each in endpoints if word.search(each.description)]
    if name and 0 < len(meant) <= _FEW:
        return f" Did you mean {' or '.join(meant)}?"
    return did_you_mean(name, [*(each.name for each in endpoints), *others])


def to_p_scale(value: ArrayLike, unit: str) -> NDArray[np.float64]:
    """Molar concentrations to the p-scale, ``-log10(mol/L)``: pIC50, pKi, pEC50.

    Parameters
    ----------
    value : (n,) float
        Positive concentrations; NaN stays NaN.
    unit : str
        One of M, mM, uM, µM, nM, pM.

    Raises
    ------
    ConfigError
        The unit is unknown.
    ValueError
        A value is not positive.

    Examples
    --------
    >>> to_p_scale([100.0, 1.0], "nM").tolist()
    [7.0, 9.0]
    """
    check_molar(unit)
    array = np.asarray(value, dtype=np.float64)
    if (array <= 0).any():
        raise ValueError(f"a concentration must be positive, got {np.nanmin(array)} {unit}")
    return np.asarray(-math.log10(MOLAR[unit]) - np.log10(array))


def check_molar(unit: str) -> None:
    """Raise `ConfigError` unless the unit is one of `MOLAR`."""
    if unit not in MOLAR:
        raise ConfigError(f"unit '{unit}' is not molar.{did_you_mean(unit, MOLAR)} Known: {', '.join(MOLAR)}")
