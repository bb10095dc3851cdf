"""What a caption claims: the plain objects that reading gives and judging takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from annotate.attributes import reply_attributes

# the attributes that every caption is expected to tell -> their words of three levels
LEVELS = {name: attribute.words(3) for name, attribute in reply_attributes().items()}
FACTS = ("gender", *LEVELS, "emotion")


@dataclass(frozen=True)
class Claim:
    """One thing that a caption says.

    Attributes:
        about: a descriptor (``FACTS``) or further attribute, ``words`` (a
            quotation), ``unmeasured``, ``reason``, or ``form`` (what is no part of a caption: chat, marks).
        says: the values that would make it true; for ``unmeasured`` and ``form`` the kind, for ``words`` the quotation.
        text: the words of the caption that make it.
        start, end: where they stand, in characters.
        denies: the caption says that it is not so ("not loud").
        hedged: the caption says so with a doubt ("perhaps").
        other: the same words may instead speak of this (a "low voice" may be quiet): ``(about, value)``.
        suggests: for a reason, the emotion that it is given for; ``says`` is then the cue's value. For a manner,
            the emotions that it only restates.
        cue: for a reason, the descriptor that is the cue.
        sense: for a reason, ``for`` or ``against``.
        usual: said against the speaker's own usual ("louder than he usually speaks").
        of_voice: an emotion's word that is said of the voice ("her tense voice"), and so also of an attribute.
    """

    about: str
    says: tuple[str, ...]
    text: str
    start: int
    end: int
    denies: bool = False
    hedged: bool = False
    other: tuple[tuple[str, str], ...] = ()
    suggests: tuple[str, ...] = ()
    cue: str | None = None
    sense: str | None = None
    usual: bool = False
    of_voice: bool = False

    def restates(self, emotion: str | None) -> bool:
        """Whether a manner only says again what the emotion says: "a warm voice" of somebody happy."""
        return emotion in self.suggests

    def plain(self) -> dict[str, Any]:
        """The claim as JSON, what does not apply left out."""
        content: dict[str, Any] = {"about": self.about, "says": list(self.says), "words": self.text, "at": self.start}
        if self.denies:
            content["denies"] = True
        if self.hedged:
            content["hedged"] = True
        if self.usual:
            content["usual"] = True
        if self.other:
            content["or"] = dict(self.other)
        if self.about == "reason":
            content |= {"cue": self.cue, "suggests": list(self.suggests), "sense": self.sense}
        return content
