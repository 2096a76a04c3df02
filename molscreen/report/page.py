"""The page itself: one HTML file without scripts or links to elsewhere, every text escaped."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import jinja2
from markupsafe import Markup

HERE = Path(__file__).parent
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Control characters, and those that turn the direction of a text or are not seen."""


def render(page: object, template: str = "report.html.j2") -> str:
    """The page as HTML, by one of the templates beside this file.

    Every value goes through Jinja's autoescape; the content security policy allows ``data:`` images
    and this one style sheet (by its digest) and nothing else, so that a molecule named
    ``<script>`` stays a name even if an escape were forgotten. `UNSEEN` characters are shown as the terminal
    shows them.
    """
    style = (HERE / "report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        finalize=_shown,
    )
    return templates.get_template(template).render(
        page=page,
        style=Markup(style),  # noqa: S704  our own file, whose very bytes the digest is of
        style_digest=Markup(digest),  # noqa: S704  base64
    )


def _shown(value: object) -> object:
    r"""A text with its unseen characters as escapes: a name that is mirrored is not the name.

    Examples
    --------
    >>> _shown("\u202egnp.exe"), _shown(3)
    ('\\u202egnp.exe', 3)
    """
    if not isinstance(value, str) or not UNSEEN.search(value):
        return value
    return type(value)(UNSEEN.sub(lambda match: match[0].encode("unicode_escape").decode(), value))
