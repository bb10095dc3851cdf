"""Voice quality as the corpus's table gives it; nothing is measured (``annotate/features/given.py``)."""

from __future__ import annotations

from annotate.features import given
from annotate.features.feature import SLOT_COLUMNS

plugin = given.feature("voice", SLOT_COLUMNS["voice"])
