"""The sentences that may be written of one row: plans of ``wording.yaml`` filled with what the row tells.

Whatever is chosen among them is true of the row, complete, and said once: what is given as a reason is not described
before in the same words.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator, Sequence
from functools import cached_property

from annotate.captions.content_selection import Statement, Telling, against_speaker, extent, partition
from annotate.captions.phrasing import Phrasing, bare, cues, listed, manners, plural
from annotate.captions.sentence_plans import Slots, capital, fill, fillable
from annotate.captions.wording import wording

# what is described first, and the kind of plan that tells the emotion after it
Way = tuple[tuple[Statement, ...], str | None]
VARIANTS = 3  # of the words of an attribute


class Sentences:
    """All captions of one row, as texts.

    Args:
        gender, emotion: of the row, None where unknown.
        telling: what is told.
        style: ``description`` or ``explanation``.
        quote: the words spoken, made safe to stand in quotes, or None.
        seed: draws the plans of the row; None for all of them.
        most: plans of each kind that a row with a seed may choose from.
        variants: which of the phrases of attributes are used, by number.
    """

    def __init__(
        self, gender: str | None, emotion: str | None, telling: Telling, style: str, quote: str | None = None,
        seed: str | None = None, most: int = 3, variants: Sequence[int] = tuple(range(VARIANTS)),
    ) -> None:  # fmt: skip
        self.gender, self.emotion, self.telling, self.quote = gender, emotion, telling, quote
        self.style, self.seed, self.most, self.variants = style, seed, most, variants
        self.speaker = dict(wording()["gender"].get(gender or "unknown", wording()["gender"]["unknown"]))

    def captions(self) -> Iterator[tuple[list[str], list[str]]]:
        """Ways of telling the row: the texts of its first part and those of its second, any with any."""
        return (self.texts(way) for way in self.ways())

    def texts(self, way: Way) -> tuple[list[str], list[str]]:
        """The texts of one way."""
        first, kind = way
        if kind is None:
            return self.descriptions(first), []
        return self.descriptions(first), self.felt() if kind == "felt" else self.why(kind, first)

    def ways(self) -> list[Way]:
        """What may be described first, and how the emotion is told after it."""
        facts = self.telling
        if self.style != "explanation" or not (facts.supporting or facts.opposing) or not self.emotion:
            return [(facts.statements, "felt" if self.emotion else None)]
        reasons = (*facts.supporting, *self.opposing)
        rest = tuple(statement for statement in facts.statements if statement not in reasons)
        silent = (*rest, *facts.supporting)
        if not facts.supporting:
            return [(rest, "felt")]
        middling = all(statement.middling for statement in facts.supporting)
        ways: list[Way] = []
        if rest or self.opposing:
            ways.append((rest or silent, "middling" if middling else "cues"))
        else:
            ways.append((silent, "all"))
        if not middling and self._nouns_apart(rest):
            ways.append((silent, "nouns"))
        return ways

    # ---- how it sounds

    def descriptions(self, statements: Sequence[Statement]) -> list[str]:
        """The texts that say how it sounds."""
        texts: dict[str, None] = {}
        for variant in self.variants:
            texts |= dict.fromkeys(self._descriptions(statements, Phrasing(self._pronouns(), variant), variant))
        return list(texts)

    def _pronouns(self) -> dict[str, str]:
        return {name: pronoun for name, pronoun in self.speaker.items() if isinstance(pronoun, str)}

    def _descriptions(self, statements: Sequence[Statement], phrasing: Phrasing, variant: int) -> Iterator[str]:
        clauses = [text for statement in statements if (text := phrasing.clause(statement))]
        others = [statement for statement in statements if not phrasing.clause(statement)]
        voice, manner = partition(others, phrasing.of_voice)
        manner, further = _apart(manner)
        kind = "how" if voice and manner else "how_manner" if manner else "how_voice" if voice else "how_bare"
        slots = self._who() | self._voice(voice, manner, phrasing) | self._manner(voice, manner, phrasing, variant)
        for name in ("manner", "voice_is", "voice_plain"):
            slots[f"brief_{name.removesuffix('_is')}"] = [text for text in slots.get(name, ()) if ", and " not in text]
        for text in self._filled(wording()[kind], slots):
            end = "".join(fill(wording()["clause"], {"clause": [clause]})[0] for clause in clauses)
            yield capital(text) + self._further(further, phrasing) + end

    def _further(self, manner: Sequence[Statement], phrasing: Phrasing) -> str:
        """The sentence that compares with the speaker what the first sentence has no room for."""
        if not manner:
            return ""
        slots = self._manner((), manner, phrasing, 0)
        return fill(wording()["further"], {"she": [self.speaker["she"]], "further": slots["manner"]})[0]

    def _who(self) -> dict[str, Sequence[str]]:
        """The speaker, with the verb of the sentence where the words spoken are quoted."""
        gender = self.gender if self.gender in wording()["whose"] else "unknown"
        who = self.speaker["who"]
        slots: dict[str, Sequence[str]] = {
            "who": who, "speaks": self.speaker["speaks"], "says": self.speaker["speaks"],
            "whose": wording()["whose"][gender],
            "she": [self.speaker["she"]], "her": [self.speaker["her"]], "one": self.speaker["one"],
        }  # fmt: skip
        if self.quote:
            slots["says"] = slots["quoting"] = [
                wording()["says"].replace("{who}", subject).replace("{quote}", self.quote) for subject in who
            ]
            slots["speaks"] = [text + wording()["speaking"] for text in slots["says"]]
            del slots["whose"], slots["one"], slots["who"]
        return slots

    def _voice(
        self, voice: Sequence[Statement], manner: Sequence[Statement], phrasing: Phrasing
    ) -> dict[str, Sequence[str]]:
        if not voice:
            return {}
        compared, plain = partition(voice, against_speaker)
        adjectives = [phrasing.adjective(statement) for statement in plain]
        more = [phrasing.adjective(statement) for statement in sorted(compared, key=extent)]
        than, again = wording()["than_near"], any(phrasing.manner(statement).compares for statement in manner)
        slots: dict[str, Sequence[str]] = {}
        if not more:
            traits = [text for statement in plain if (text := phrasing.trait(statement))]
            untraited = [phrasing.adjective(statement) for statement in plain if not phrasing.trait(statement)]
            slots["voice_is"] = [listed(adjectives), listed([*untraited, *traits])]
            slots["voice_plain"] = [listed(adjectives)]
            slots["a_voice"] = slots["a_trait_voice"] = [
                cues([f"a {adjective} {wording()['voice']}" for adjective in adjectives])[0]
            ]
        elif again and not adjectives:
            slots["own_voice"] = [listed(more)]
        else:
            # "breathy, and it is higher than usual": only what stands after the comma compares
            before = f"{listed(adjectives)}, and it is " if adjectives else ""
            slots["voice_is"] = slots["voice_plain"] = [f"{before}{listed(more)} {than}"]
            if not adjectives:
                slots["a_voice"] = [f"{cues([f'a {adjective} voice' for adjective in more])[0]} {than}"]
        return slots

    def _manner(
        self, voice: Sequence[Statement], manner: Sequence[Statement], phrasing: Phrasing, variant: int
    ) -> dict[str, Sequence[str]]:
        if not manner:
            return {}
        items = [phrasing.manner(statement) for statement in sorted(manner, key=extent)]
        if variant % 2:
            items.reverse()
        # "than usual" is said of the voice as well: here it is "than she usually does"
        twice = len(set(map(against_speaker, voice))) > 1
        thans = [self.speaker["than_far"]] if twice else self.speaker["than"]
        slots: dict[str, Sequence[str]] = {"manner": [manners(items, than) for than in thans]}
        if all(item.adverb for item in items):
            slots["adverbs"] = slots["manner"]
        compared = all(item.compares for item in items)
        if compared and voice and all(map(against_speaker, voice)):
            more = cues([f"a {phrasing.adjective(statement)} {wording()['voice']}" for statement in voice])[0]
            with_voice = [*items, type(items[0])(f"in {more}", False, True)]
            slots["manner_and_voice"] = [manners(with_voice, than) for than in thans]
        return slots

    # ---- the emotion and why

    def felt(self) -> list[str]:
        """The texts that name the emotion, with what goes against it."""
        return [text + end for text in self._filled(wording()["felt"], self._feeling()) for end in self._although()]

    def why(self, kind: str, before: Sequence[Statement] = ()) -> list[str]:
        """The texts that give the reasons: as ``cues``, by their ``nouns``, or ``all`` that was said.

        Args:
            kind: of the plans.
            before: what was described before: a "louder voice" needs a "than usual" that it goes on from.
        """
        texts: dict[str, None] = {}
        for variant in self.variants:
            slots = self._feeling() | self._cues(Phrasing(self._pronouns(), variant), before, kind)
            plans = wording()["reasons"][kind]
            # "typical of anger, although" would weigh what is common in the corpus against one clip
            plain = [plan for plan in plans if "{typical}" not in plan] if self.opposing else plans
            for text in self._filled(plain, slots) or self._filled(plans, slots):
                texts |= {text + end: None for end in self._although()}
        return list(texts)

    def _feeling(self) -> dict[str, Sequence[str]]:
        emotion = str(self.emotion)
        forms = wording()["emotion"].get(emotion)
        if forms is None:
            forms = {
                name: [text.replace("{label}", emotion) for text in texts]
                for name, texts in wording()["unknown_emotion"].items()
            }
        slots = {"she": [self.speaker["she"]], "her": [self.speaker["her"]], "obj": [self.speaker["obj"]], **forms}
        return {"typical": forms.get("noun", ()), **slots}

    def _cues(self, phrasing: Phrasing, before: Sequence[Statement], kind: str) -> dict[str, Sequence[str]]:
        supporting = sorted(self.telling.supporting, key=against_speaker)
        phrases = cues([phrasing.cue(statement) for statement in supporting])
        nouns = list(dict.fromkeys(phrasing.noun(statement) for statement in supporting))
        many = plural(nouns if kind == "nouns" else phrases)
        again = any(statement in before for statement in supporting)  # a clause would repeat the sentence before
        slots: dict[str, Sequence[str]] = {
            "because": [] if again else self._because(phrasing),
            "reason": [] if again else self._clauses("reason", phrasing),
            "s": ["" if many else "s"],
            "are": ["are" if many else "is"],
        }
        if len(nouns) > 1:  # of one, "her pitch suggests fear" would not say which pitch
            slots["nouns"] = [listed(nouns)]
        compares = [statement.compares for statement in supporting]
        # "her quiet, tenser voice": tenser than what?
        mixed = any(compares) and not all(compares)
        unheralded = any(compares) and not any(statement.compares for statement in before)
        if not (mixed or unheralded) or not (slots["because"] or slots["reason"]):
            than = f" {wording()['than_near']}" if unheralded else ""
            slots["cues"] = [listed([bare(phrase) for phrase in phrases]) + than]
        return slots

    def _because(self, phrasing: Phrasing) -> list[str]:
        """The reasons as a clause: "she speaks fast and her voice is tense"; none where it would be a long one."""
        clauses = self._clauses("because", phrasing)
        return [text for text in clauses if "," not in text and text.count(" and ") <= 1]

    def _clauses(self, kind: str, phrasing: Phrasing) -> list[str]:
        voice, manner = partition(self.telling.supporting, phrasing.of_voice)
        if _apart(manner)[1]:
            return []
        slots = self._voice(voice, manner, phrasing) | self._manner(voice, manner, phrasing, 0)
        slots |= {"she": [self.speaker["she"]], "her": [self.speaker["her"]]}
        plans = wording()[kind]["both" if voice and manner else "voice" if voice else "manner"]
        return self._filled(plans, slots, whole=True)[:1]

    def _nouns_apart(self, rest: Sequence[Statement]) -> bool:
        """Whether the reasons have several nouns ("her voice and pace"), none of which names what is no reason."""
        phrasing = Phrasing(self._pronouns(), 0)
        named, others = (
            {phrasing.noun(statement) for statement in some}
            for some in (self.telling.supporting, (*rest, *self.opposing))
        )
        # a higher voice is a pitch, and "her voice" after it would name that too
        others |= {wording()["voice"] for statement in rest if phrasing.of_voice(statement)}
        return len(named) > 1 and not named & others

    @cached_property
    def opposing(self) -> tuple[Statement, ...]:
        """What is said to go against the emotion; what would repeat a noun of the reasons is only described."""
        opposing = self.telling.opposing if self.style == "explanation" else ()
        return opposing if all(self._although_form(statement) for statement in opposing) else ()

    def _although_form(self, statement: Statement) -> str | None:
        """How something is said to go against the emotion, beside the nouns of the reasons."""
        phrasing = Phrasing(self._pronouns(), 0)
        named = {phrasing.cue(other).rpartition(" ")[2] for other in self.telling.supporting}
        if not phrasing.of_voice(statement):
            return "manner"
        if wording()["voice"] not in named:
            return "voice"
        return None if phrasing.cue(statement).rpartition(" ")[2] in named else "cue"

    def _although(self) -> list[str]:
        """What stands after the reasons: one thing that goes against the emotion, in all its wordings, or nothing."""
        texts: list[str] = []
        for statement, variant in itertools.product(self.opposing, self.variants):
            form, phrasing = self._although_form(statement), Phrasing(self._pronouns(), variant)
            than = wording()["than_near"]
            slots = {"she": [self.speaker["she"]], "her": [self.speaker["her"]]}
            if form == "manner":
                slots["con_manner"] = [manners([phrasing.manner(statement)], than)]
            else:
                end = f" {than}" if against_speaker(statement) else ""
                slots["con_voice"] = [phrasing.adjective(statement) + end]
                slots["con_cue"] = [bare(phrasing.cue(statement))]
            texts += self._filled(wording()["although"][str(form)], slots)
        return list(dict.fromkeys(texts)) or [""]

    def _filled(self, plans: Sequence[str], slots: Slots, whole: bool = False) -> list[str]:
        """The texts of those plans whose slots can be filled, a few where the row draws, all where ``whole``."""
        fit = fillable(plans, slots)
        if self.seed is not None and not whole:
            fit = sorted(fit, key=lambda plan: zlib.crc32(f"{self.seed}\0{plan}".encode()))[: self.most]
        return [text for plan in fit for text in fill(plan, slots)]


def _apart(manner: Sequence[Statement]) -> tuple[list[Statement], list[Statement]]:
    """What one sentence says of the manner, and what the next compares: of three and more, no sentence does both."""
    compared, plain = partition(manner, lambda statement: statement.compares)
    return (plain, compared) if plain and compared and len(manner) > 2 else (list(manner), [])
