"""The page itself: one HTML file without scripts or links to elsewhere, every text escaped."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import jinja2
from markupsafe import Markup

HERE = Path(__file__).parent


def render(page: object, template: str = "report.html.j2") -> str:
    """The page as HTML, by one of the templates beside this file.

    Every value goes through Jinja's autoescape; the content security policy allows ``data:`` images
    and this one style sheet (by its digest) and nothing else, so that a molecule named
    ``<script>`` stays a name even if an escape were forgotten.
    """
    style = (HERE / "report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    return templates.get_template(template).render(
        page=page,
        style=Markup(style),  # noqa: S704  our own file, whose very bytes the digest is of
        style_digest=Markup(digest),  # noqa: S704  base64
    )
