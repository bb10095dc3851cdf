"""The corpus's licence decides what is published: recordings and captions, captions with ids only, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from annotate.errors import SemoError, UsageError, unknown_name

Publish = Literal["audio", "features", "nothing"]
DESPITE = ("audio", "features")
FLAG = "--despite-licence"
OUT = {
    "audio": "recordings, transcripts, captions and measurements",
    "features": "captions, measurements and ids; recordings and transcripts stay here",
    "nothing": "nothing",
}


@dataclass(frozen=True)
class Rule:
    """What goes out.

    Attributes:
        publish: ``audio``, or ``features``: neither recordings nor transcripts, nor a reply or caption with one.
        despite: whether that is more than the licence rule of the corpus lets out.
        sentence: one line for the user and the card.
    """

    publish: Publish
    despite: bool
    sentence: str


def decide(name: str, licence: Mapping[str, Any], despite: str | None = None) -> Rule:
    """What of a data set may be published.

    Args:
        name: name of the corpus.
        licence: the ``licence`` of its data manifest.
        despite: ``audio`` or ``features`` where the user overrules it and answers for that.

    Raises:
        SemoError: the licence lets nothing out, and is not overruled.
        UsageError: ``despite`` is neither.
    """
    rule = licence["publish"]
    if rule not in get_args(Publish):
        raise SemoError(f"{name}: licence.publish: expected audio, features or nothing, found {rule!r}")
    if despite is not None and despite not in DESPITE:
        raise unknown_name(FLAG, despite, DESPITE)
    order = ("nothing", "features", "audio")
    if despite is not None and order.index(despite) > order.index(rule):
        more: Publish = "audio" if despite == "audio" else "features"
        return Rule(more, True, f"{OUT[more]}, although the licence rule of {name} lets out {OUT[rule]}")
    if rule == "nothing":
        raise SemoError(
            f"{name}: its licence ({licence['name']}) does not allow anything to be published. "
            f"{licence.get('note', '')} If you hold the rights: licence.publish in a data manifest of your own, or "
            f"{FLAG} audio (or features), which publishes them on your own responsibility"
        )
    least: Publish = "features" if despite == "features" else rule
    return Rule(least, False, OUT[least])


def known_repo(repo: str) -> str:
    """A repository's name, refused where it is not ``USER/NAME``."""
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(repo)
    except HFValidationError as error:
        raise UsageError(f"--repo {repo}: expected USER/NAME; {error}") from None
    if repo.count("/") != 1:
        raise UsageError(f"--repo {repo}: expected USER/NAME, for example ada/ravdess-explained")
    return repo
