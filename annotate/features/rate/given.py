"""Speaking rate and pauses as the corpus's table gives it; nothing is measured (``given_values.py``)."""

from __future__ import annotations

from annotate.features import given_values

plugin = given_values.feature("rate")
