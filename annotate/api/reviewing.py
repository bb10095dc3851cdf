"""``annotate.review``: the page on which people judge captions."""

from __future__ import annotations

import os
from pathlib import Path

from annotate.errors import SemoError, UsageError


def review(output: str | os.PathLike[str], *, port: int = 0, open_browser: bool = True) -> None:
    """Listen to the clips of a finished output, and accept, edit, reject or flag their captions, on a page.

    The page answers on this machine only, until Ctrl-C. Verdicts are saved at once, in ``review.jsonl`` of the
    output; the next run uses them.

    Args:
        output: an output folder, or an ``Output``.
        port: port on loopback; 0 is any free one.
        open_browser: open the page in the browser; its address is printed in any case.

    Raises:
        SemoError: no finished output, or the port is taken.
    """
    from annotate import console
    from annotate.report.review import server

    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= 65535:
        raise UsageError(f"port: {port!r}; expected a whole number from 0 to 65535")
    folder = Path(output)
    if not folder.is_dir():
        raise SemoError(f"{folder}: there is no such folder; expected the output of a run")

    def opened(address: str) -> None:
        console.show(address)
        console.show("Ctrl-C ends the review; verdicts are saved as they are given.", error=True)
        if open_browser:
            import webbrowser

            webbrowser.open(address)

    server.serve(folder, port, opened)
