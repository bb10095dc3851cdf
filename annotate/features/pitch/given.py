"""Pitch as the corpus's table gives it; nothing is measured (``annotate/features/given_values.py``)."""

from __future__ import annotations

from annotate.features import given_values

plugin = given_values.feature("pitch")
