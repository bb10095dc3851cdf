"""Where fits are written, and how."""

from __future__ import annotations

import json
import re
from pathlib import Path

HELD_OUT = Path(__file__).resolve().parents[1] / "accuracy" / "held_out"


def write_json(path: Path, content: object) -> None:
    """Readable JSON: a list of numbers stands on one line."""
    text = json.dumps(content, indent=1, ensure_ascii=False)
    # a list opens before the end of a line, a bracket within text does not
    text = re.sub(r"\[\n\s*([^\[\]{}]*?)\n\s*\]", lambda match: "[" + re.sub(r"\s+", " ", match[1]) + "]", text)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")
