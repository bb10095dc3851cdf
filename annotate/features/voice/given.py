"""Voice quality as the corpus's table gives it; nothing is measured (``annotate/features/given.py``)."""

from __future__ import annotations

from annotate.features import given

plugin = given.feature("voice")
