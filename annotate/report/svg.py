"""Matplotlib figures as SVG within the page: coloured by the page's own theme, named for screen readers."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from markupsafe import Markup

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# matplotlib draws in these, the page replaces them by its variables: one drawing serves light, dark and print
INK, MUTED, LINE, SURFACE = "#010101", "#020202", "#030303", "#040404"
SEX = {"female": "#050505", "male": "#060606", "unknown": "#070707"}
THEME = {INK: "ink", MUTED: "muted", LINE: "line", SURFACE: "surface"} | {colour: sex for sex, colour in SEX.items()}
WIDTH_IN = 3.75  # drawn at the width of a phone, so that text is as large there as it is anywhere

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
SETTINGS = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "semo-annotate",
    "text.parse_math": False,  # a speaker may be called $x$
    "font.family": "DejaVu Sans",  # ships with matplotlib; the page sets its own, which is no wider
    "font.size": 9.0,
    "axes.edgecolor": LINE,
    "axes.labelcolor": MUTED,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": INK,
}


@contextmanager
def styled() -> Iterator[None]:
    """Draw within this: the settings above, and silence about letters that the measuring font lacks."""
    import matplotlib

    with matplotlib.rc_context(SETTINGS), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def inline(figure: Figure, name: str, title: str, about: str) -> Markup:
    """The figure as one ``<svg role="img">``.

    Args:
        figure: drawn in the colours above.
        name: unique in the page; all ids in the drawing begin with it.
        title: its accessible name.
        about: its description: what a listener needs in place of the picture.
    """
    held = io.BytesIO()
    figure.savefig(held, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    root = ElementTree.fromstring(held.getvalue())
    _drop(root, {f"{{{SVG}}}metadata", f"{{{SVG}}}style"})
    for element in root.iter():
        _themed(element, name)
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    root.attrib |= {
        "class": "chart", "role": "img", "aria-labelledby": f"{name}-title", "aria-describedby": f"{name}-desc"
    }  # fmt: skip
    for position, (tag, text) in enumerate((("title", title), ("desc", about))):
        child = ElementTree.Element(f"{{{SVG}}}{tag}", {"id": f"{name}-{tag}"})
        child.text = text
        root.insert(position, child)
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _drop(root: ElementTree.Element, tags: set[str]) -> None:
    for parent in list(root.iter()):
        for child in [child for child in parent if child.tag in tags]:
            parent.remove(child)


def _themed(element: ElementTree.Element, name: str) -> None:
    for key, value in list(element.attrib.items()):
        if key == "id":
            element.attrib[key] = f"{name}-{value}"
        elif key == f"{{{XLINK}}}href" and value.startswith("#"):
            element.attrib[key] = f"#{name}-{value[1:]}"
        elif key in ("clip-path", "style", "fill", "stroke"):
            value = re.sub(r"url\(#", f"url(#{name}-", value)
            value = re.sub(r"font:\s*([\d.]+px)[^;]*", r"font-size: \1", value)
            value = re.sub(r"font-family:[^;]*;?", "", value)
            element.attrib[key] = re.sub(r"#0[1-7]0[1-7]0[1-7]", _variable, value)


def _variable(found: re.Match[str]) -> str:
    return f"var(--{THEME[found.group()]})" if found.group() in THEME else found.group()
