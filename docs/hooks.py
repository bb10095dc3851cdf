"""What the pages of the site need beyond Markdown and the theme."""

from __future__ import annotations

import re
from typing import Any

_CODE_IN_CELL = re.compile(r"(?<=<code>)[^<]+(?=</code>)")
_CELL = re.compile(r"<td[^>]*>.*?</td>", re.DOTALL)
_JOINT = re.compile(r"(?<=\w)([._/=+|]|&#124;)(?=\w)")
_JOINED = re.compile(r"(?<=\d) (?=[%±])|(?<=±) (?=\d)")


def on_page_content(html: str, **_: Any) -> str:
    """Let names in table cells break after a dot, underscore or slash, but no figure before "%" or around "±"."""
    html = _JOINED.sub("\u00a0", html)
    return _CELL.sub(lambda cell: _CODE_IN_CELL.sub(lambda code: _JOINT.sub(r"\1<wbr>", code[0]), cell[0]), html)


def on_post_page(output: str, **_: Any) -> str:
    """Give the theme's search dialog a name for screen readers."""
    return output.replace(
        'data-md-component="search" role="dialog"', 'data-md-component="search" role="dialog" aria-label="Search"'
    )
