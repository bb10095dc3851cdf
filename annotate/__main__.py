"""``python -m annotate`` is ``semo-annotate``."""

from annotate.cli.annotate import main

raise SystemExit(main())
