"""``annotate.push`` and ``annotate.join``: a data set on the Hub, and recordings back into one that has ids only."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from annotate.errors import SemoError, unknown_name

if TYPE_CHECKING:
    from annotate.dataset.hub.join import Joined
    from annotate.dataset.hub.push import Pushed

DESPITE = ("audio", "features")


def push(
    output: str | os.PathLike[str],
    repo: str,
    *,
    private: bool = False,
    revision: str | None = None,
    despite_licence: str | None = None,
    progress: bool = True,
) -> Pushed:
    """Publish a finished output on the Hugging Face Hub, or as much of it as the corpus's licence allows.

    The token is that of ``hf auth login``, or ``HF_TOKEN``. An interrupted push resumes where it stopped.

    Args:
        output: an output folder, or an ``Output``.
        repo: the data set's name on the Hub, ``USER/NAME``; made where there is none.
        private: make a new repository private.
        revision: branch to publish to; ``main`` where it is not given.
        despite_licence: ``audio`` publishes recordings and all, ``features`` captions, measurements and ids, although
            the licence rule of the corpus says otherwise. You are responsible, and the card says so.
        progress: say each step on standard error.

    Returns:
        Where it went (``repo``, ``revision``, ``url``), how many of its ``files`` were ``uploaded``, and what was held
        back (``prepared``).

    Raises:
        SemoError: no finished output, no token, the licence lets nothing out, or the Hub refuses.
    """
    from annotate import console
    from annotate.dataset.hub import push

    if despite_licence is not None and despite_licence not in DESPITE:
        raise unknown_name("despite_licence:", despite_licence, DESPITE)

    def show(line: str) -> None:
        if progress:
            console.show(line, error=True)

    return push.push(_folder(output), repo, private=private, revision=revision, despite=despite_licence, say=show)


def join(
    dataset: str | os.PathLike[str],
    *,
    root: str | os.PathLike[str] | None = None,
    output: str | os.PathLike[str] | None = None,
    revision: str | None = None,
    overrides: Sequence[str] = (),
) -> Joined:
    """Put your own recordings back into a data set that was published with ids only.

    Args:
        dataset: a folder, or ``USER/NAME`` on the Hub.
        root: your copy of the corpus.
        output: the output folder.
        revision: of the data set on the Hub.
        overrides: whatever else its recipe leaves open, as ``KEY=VALUE``.

    Returns:
        The ``folder``, its ``rows``, and the ids that were ``lost``, by reason.

    Raises:
        SemoError: the corpus has none of the ids, or something cannot be read.
    """
    from annotate.dataset.hub import join

    given = [*overrides, *([] if root is None else [f"corpus.root={os.fspath(root)}"])]
    return join.join(os.fspath(dataset), given, None if output is None else Path(output), revision)


def _folder(output: str | os.PathLike[str]) -> Path:
    folder = Path(output)
    if not folder.is_dir():
        raise SemoError(f"{folder}: there is no such folder; expected the output of a run")
    return folder
