"""SVG drawings as ``data:`` images: small, and powerless, since a picture in <img> runs nothing."""

from __future__ import annotations

import re
from urllib.parse import quote

from molscreen.chem.depict import Shading, draw_svg, placeholder_svg
from molscreen.report.content import Picture

SIZE = (280, 220)  # pixels of a drawing

_DECLARATION = re.compile(
    r"<\?xml.*?\?>|<!--.*?-->|\s(?:class|version|baseProfile|xml:space|xmlns:(?:rdkit|xlink))='[^']*'",
    re.DOTALL,
)
_STYLE = re.compile(r"\sstyle='([^']*)'")
_NUMBER = re.compile(r"(?<![#\w.])-?\d+\.\d+")
_BLANK = re.compile(r"\s+")
_PATH = re.compile(r"(?<= d=')[^']*")
_PATH_BLANK = re.compile(r"(?<=[A-Z]) | (?=[A-Z])")  # "M 1,2 L 3,4" says the same as "M1,2L3,4"
_DEFAULTS = {  # of SVG: to write them changes nothing
    ("fill-opacity", "1"),
    ("stroke-opacity", "1"),
    ("stroke-linecap", "butt"),
    ("stroke-linejoin", "miter"),
}
_SAFE = " !$()*+,-./:;=?@[]^_`{|}~"  # means nothing to HTML or to a URI, so it stays as it is


def drawing(
    key: str, caption: str, shading: Shading | None = None, *, size: tuple[int, int] = SIZE
) -> Picture:
    """The drawing of a structure; what cannot be drawn is said in its place, and costs no report."""
    try:
        svg = draw_svg(key, size, shading)
    except ValueError:  # another RDKit than the run's may not read the key as it was
        svg = placeholder_svg("no drawing: this RDKit reads the structure otherwise", size)
    return Picture(source=data_uri(svg), caption=caption)


def data_uri(svg: str) -> str:
    """The drawing as the ``src`` of an <img>, smaller than RDKit writes it.

    Styles become plain attributes (a strict content security policy may refuse styles), numbers keep
    one decimal; comments, classes, defaults and the XML declaration are left out.

    Examples
    --------
    >>> data_uri("<svg><path class='bond-0' d='M 1.234,5.678' style='stroke:#FF0000'/></svg>")
    'data:image/svg+xml,%3Csvg%3E%3Cpath d=%27M1.2,5.7%27 stroke=%27%23FF0000%27/%3E%3C/svg%3E'
    """
    small = _STYLE.sub(_as_attributes, _DECLARATION.sub("", svg))
    small = _NUMBER.sub(lambda match: f"{float(match[0]):.1f}".removesuffix(".0"), small)
    small = _PATH.sub(lambda match: _PATH_BLANK.sub("", match[0]), _BLANK.sub(" ", small).strip())
    return "data:image/svg+xml," + quote(small, safe=_SAFE)


def _as_attributes(style: re.Match[str]) -> str:
    pairs = [tuple(map(str.strip, entry.split(":", 1))) for entry in style[1].split(";") if ":" in entry]
    return "".join(f" {name}='{value}'" for name, value in pairs if (name, value) not in _DEFAULTS)
