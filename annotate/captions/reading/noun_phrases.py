"""Of what the words of a phrase are said: of its head, of what it follows, or of the nouns to come."""

from __future__ import annotations

from annotate.captions.reading.claim import LEVELS
from annotate.captions.reading.clauses import Unit
from annotate.captions.reading.phrases import NOTHING, Phrase
from annotate.captions.reading.word_claims import WordClaims

NESTED = 7  # units between the key of an emotion and that of its strength, at most
JOINING = ("phrase", "be", "and", "colon", "not", "end")  # what an emotion word may be said of a noun after
PEOPLE = ("age", "accent", "occ", "pers", "health")  # kinds of untold words that are said of the speaker


class NounPhrases(WordClaims):
    """Claims of single phrases, and the nouns that they are about."""

    def _next(self, steps: int = 1) -> Phrase:
        at = self.at + steps
        return self.phrases[at] if 0 <= at < len(self.phrases) else NOTHING

    def _phrase(self, phrase: Phrase) -> None:
        unit, modifiers = phrase.head, phrase.mods or (phrase.units if phrase.kind == "scale" else [])
        if not phrase.headed:
            self._predicate(phrase, modifiers)
            return
        if modifiers and self._next(-1).kind == self._next().kind == "colon":
            self._predicate(phrase, modifiers)  # "pitch=normal speed=fast"
            modifiers = []
        if unit.kind in ("move", "striking"):
            self._verbal_noun(phrase)
            return
        nominals = [
            u for u in phrase.units if u is not unit and u not in modifiers and (u.nominal or u.entry.form == "verb")
        ]
        target = "key" if self._of_feeling(phrase) else self._target(unit)
        if phrase.det == "whose":
            self.state.relative, self.state.linked = True, False
        if unit.kind == "extent":
            self._extent(phrase, modifiers + nominals)
        elif target is None:
            self._other(phrase, modifiers, [*nominals, unit])
        else:
            self._noun(phrase, target, modifiers, nominals)

    def _verbal_noun(self, phrase: Phrase) -> None:
        raise NotImplementedError

    def _target(self, unit: Unit) -> str | None:
        """What a head names: a descriptor or attribute, the voice, or None."""
        if unit.kind == "fact" and unit.about in LEVELS and len(unit.words) > 1:
            last = self.lexicon.words.get((unit.words[-1],))
            return last.about if last is not None and last.kind == "noun" else None
        return unit.about if unit.kind == "noun" else None

    def _of_feeling(self, phrase: Phrase) -> bool:
        """Whether an intensity is that of an emotion: "the intensity of her anger", "elation of high intensity"."""
        keyed = self._next().kind == "colon" and self.units.lows(phrase.first - NESTED, phrase.first)
        if (
            keyed
            and phrase.head.low in self.lexicon.groups["strengths"]
            and {*keyed} & self.lexicon.groups["emotional"]
        ):
            return True  # "emotion: surprise, intensity: low"
        before = self._next(-2 if self._next(-1).kind == "be" or self._next(-1).low == "," else -1)
        feelings = [before] if phrase.prep else []
        feelings += [self._next()] if self._next().prep == "of" else []
        return phrase.head.low in self.lexicon.groups["strengths"] and any(
            feeling.head.about == "emotion" for feeling in feelings
        )

    def _names(self, unit: Unit) -> bool:
        """Whether a head by itself tells what is spoken of: "pitch", and also "level"."""
        return unit.kind == "noun" or (unit.kind == "extent" and bool(unit.about))

    def _noun(self, phrase: Phrase, target: str, modifiers: list[Unit], nominals: list[Unit]) -> None:
        state, unit = self.state, phrase.head
        known = any(u.kind == "fact" and u.about == target for u in modifiers)
        valued = [u for u in modifiers if self._attributive(u, target, known)]
        for u in nominals:
            self._plain_fact(u)
        valued += [u for u in nominals if u.kind == "move" and self._moving(u, target)]
        if unit.kind == "fact":
            self._plain_fact(unit)
            valued.append(unit)
        if valued:
            state.shared = [u for u in valued if u.kind in ("scale", "fact")]
            state.pending, state.last = [], [target]
            if not phrase.prep:
                state.subject, state.linked = [target], False
        else:
            self._bare_noun(phrase, target)

    def _bare_noun(self, phrase: Phrase, target: str) -> None:
        """A noun without a word: it shares one, or waits for one."""
        state, has_value = self.state, self._leads_to_value(self.at) or target == "voice"
        bare = not (phrase.det or phrase.prep or phrase.mods)
        if state.shared and state.joined and bare and not has_value:
            for u in state.shared:
                self._share(u, target)
            state.last = [*state.last, target]
        elif state.carried is not None and not has_value:
            self._assign(state.carried, [target])
        elif not (phrase.prep in ("of", "in", "to") and target == "voice" and state.named and not state.joined):
            # all but "the pitch of her voice" and "a voice, whose tempo"
            # not "the tempo is a snail's, the volume": what a verb has followed waits for nothing
            anew = phrase.det and (state.linked or state.pending == ["voice"])
            joined = state.joined and state.pending and not anew and self._goes_on()
            state.shared, state.pending = [], [*state.pending, target] if joined else [target]
            state.last = list(state.pending)
            if not phrase.prep and not joined and state.linked:
                state.subject, state.linked = [], False

    def _goes_on(self) -> bool:
        """Whether a noun waits before the joint: "pitch and volume", not "deep voice for a woman, speed average"."""
        at = self.at - 1
        while at >= 0 and self.phrases[at].kind in ("and", "mark", "det"):
            at -= 1
        if at < 1 or not self.phrases[at].head.person:
            return True
        return bool(self.phrases[at].prep) and not self.phrases[at - 1].mods  # "the pitch of the man and the volume"

    def _leads_to_value(self, at: int) -> bool:
        """Whether a list of bare nouns goes on to a word of its own: "pitch and volume are high"."""
        for phrase in self.phrases[at + 1 :]:
            if phrase.head.kind == "noun" and (
                phrase.head.about == "voice" or (phrase.det and not self.phrases[at].det)
            ):
                return False
            if phrase.low in (")", "]"):
                return False
            if phrase.kind in ("and", "mark", "det", "it") or (phrase.head.kind == "noun" and not phrase.mods):
                continue
            valued = any(unit.kind == "scale" or unit.about in LEVELS for unit in phrase.mods)
            listed = self.phrases[self.phrases.index(phrase) - 1].kind in (
                "and",
                "mark",
            )  # "pitch and volume, and slow"
            if phrase.kind == "colon" or (phrase.kind == "be" and phrase.low.endswith("ing") and listed):
                return phrase.kind == "colon" and not self._ends_after(phrase)  # "and volume, sounding sad" goes on
            headless = phrase.kind == "phrase" and not phrase.headed  # "volume about normal"
            return phrase.kind == "be" or (headless and valued and not listed)
        return False

    def _ends_after(self, phrase: Phrase) -> bool:
        """Whether nothing follows a phrase: the colon of "(a woman, normal pitch and volume):" has no value."""
        return self.units.at(phrase.first + len(phrase.units)).kind in ("end", "quote")

    def _extent(self, phrase: Phrase, modifiers: list[Unit]) -> None:
        """A part of a range: "in the lower range", "at a moderate level"."""
        state, unit = self.state, phrase.head
        if not modifiers and unit.low in self.lexicon.groups["recordings"]:
            state.clause()  # "the clip is neutral" speaks of a recording, "at a good clip" of a speed
            return
        scales = [u for u in modifiers if u.kind == "scale"]
        named = [u.about for u in modifiers if u.measure]
        inner = [noun for noun in self._group(self.at + 1) if noun != "voice"] if self._of_next() else []
        if not inner and self._next().prep == "of" and self._next().head.kind == "extent":
            # "at the upper end of the pitch scale"
            inner = [u.about for u in self._next().units if u.measure]
            self.consumed.update({self.at + 1} if inner else ())
        waiting = [*(state.subject if state.linked or not state.pending else []), *state.pending]
        placed = bool(phrase.prep) or any(len(u.words) > 1 for u in scales)  # "volume OK, within normal range"
        levels = [noun for noun in waiting if noun in LEVELS] if state.linked or state.pending or placed else []
        if unit.about and not modifiers and self._next().kind == "colon":
            levels = []  # "level: normal" after "tempo: fast"
        targets = named or inner or levels or ([unit.about] if unit.about else [])
        if not targets and self._next().prep == "of" and self._next().head.about == "voice":
            targets = ["pitch"]  # "down at the low end of her voice"
        for u in modifiers:
            if u.kind not in ("scale", "noun"):
                self._describing(u, targets[0] if targets else None)
        for u in scales:
            self._assign(u, targets)
        state.last = targets or state.last
        if scales and targets:
            state.shared, state.pending = scales, []
        elif targets:
            valued = any(u.about in targets or self._with(u, targets[0]) for u in modifiers)
            state.pending = [] if valued else targets

    def _other(self, phrase: Phrase, modifiers: list[Unit], nominals: list[Unit]) -> None:
        """A head that is no noun of a voice: a person, a manner, or a thing that a "loud" says nothing of."""
        unit, state, groups, follows = phrase.head, self.state, self.lexicon.groups, self._next()
        untold = unit.kind == "untold" and not unit.about.startswith(PEOPLE)
        strange, manner = not unit.figure and (unit.kind == "unknown" or untold), unit.kind == "thing"
        if unit.kind == "unknown" and phrase.prep == "in" and sum(u.about in LEVELS for u in modifiers) > 1:
            strange = False  # "in a deep, loud outburst"
        for u in modifiers:
            if u.about in LEVELS and (
                unit.low in groups["accents"] or (unit.about == "emotion" and u.low in groups["mild"])
            ):
                continue  # "a faint Irish accent", "a quiet optimism": nothing is said of the voice
            if u.kind == "scale":
                cue = follows.prep == "of"  # "are typical cues of sorrow"
                measured = [noun.about for noun in nominals if noun.kind == "noun"]
                if measured:
                    self._assign(u, measured)  # "a high voice woman"
                elif manner and not strange and not state.spoke and state.subject and state.linked and not cue:
                    self._assign(u, state.subject)
            elif u.about == unit.about == "emotion" and u.kind == "fact":
                self._shade(u, unit)
            elif self._is_of_speaker(u, strange and not (state.linked and not phrase.det)) and (
                unit.person or u.low not in groups["deep"]
            ):
                self._describing(u, "voice" if unit.low in groups["manners"] else None)
        for u in nominals:
            self._plain_fact(u)
        state.shared = []
        if phrase.prep:
            return
        if strange and not state.linked and (phrase.det or follows.kind in ("be", "colon")):
            state.clause(["key"])
        elif unit.person:
            self._person(unit, follows)
        if manner and follows.kind == "be":
            state.clause()

    @staticmethod
    def _is_of_speaker(unit: Unit, strange: bool) -> bool:
        """Whether a word before a head is said of the speaker, where the head may be a strange thing: "a sad story"."""
        return not strange or unit.kind == "untold" or unit.entry.form == "adverb"  # "he mournfully recalls"

    def _person(self, unit: Unit, follows: Phrase) -> None:
        """Somebody named: a new subject, or that of a clause within another, "the pitch she speaks at"."""
        state, before = self.state, self._next(-1)
        pronoun = unit.entry.form == "pron"
        if not state.linked:
            state.subject = []
        elif pronoun and follows.kind == "be" and before.kind in ("and", "mark", "but", "sub"):
            state.clause()

    def _predicate(self, phrase: Phrase, modifiers: list[Unit]) -> None:
        """Words without a head: of the noun after a preposition, of the subject, of what waits, or of the voice."""
        single = len(modifiers) == 1 and len(modifiers[0].words) == 1  # not "at a high speed"
        adjective = single and modifiers[0].entry.form == "adj" and modifiers[0].about in LEVELS
        ends = self._next().kind == "end" or (self._next().kind == "mark" and bool(self._next(2).det))
        if phrase.det in ("a", "an") and adjective and ends:
            return  # "after a fast", "after a fast, the woman"
        if self._next(-1).low == "how" and self._next().head.kind == "thing" and self._is_opinion(self._next()):
            return  # "how low his opinion is"
        of_next = self._of_next()
        targets, before = self._targets(phrase), self._next(-1).kind
        for u in modifiers:
            if u.kind == "attribute" and self._next().prep in ("of", "with"):
                continue  # "a voice full of sorrow"
            if u.kind == "degree" and before not in ("be", "colon"):
                continue  # "the volume contributes little"
            if u.low in self.lexicon.groups["raised"] and self._next(-1).head.kind in ("unknown", "untold"):
                continue  # "with her eyebrows raised"
            if before == "colon" and u.about in LEVELS and not {*targets} <= {*LEVELS, "voice", "dynamics"}:
                continue  # "articulation: mumbled"
            if u.kind == "scale":
                self._assign(u, targets or ["voice"], bare=not targets)
            elif targets != ["key"] or u.about not in LEVELS:
                # "normal speed, mad": the emotion begins something of its own
                feels = u.about == "emotion" and (self.state.vague or before not in JOINING or phrase.prep == "to")
                apart = (feels or before == "mark" or self._next().prep in ("of", "with")) and not of_next
                self._describing(u, targets[0] if targets and not apart else None)
        if targets and any(u.kind in ("scale", "fact") or self._with(u, targets[0]) for u in modifiers):
            if targets == self.state.pending:
                self.state.subject = targets
            self.state.pending = []

    def _is_opinion(self, phrase: Phrase) -> bool:
        """Whether a phrase names a thing of somebody's that no voice has: "his opinion"."""
        groups = self.lexicon.groups
        spoken = phrase.head.low in groups["utterances"] or phrase.head.low in groups["manners"]
        return phrase.det in groups["owners"] and not spoken

    def _targets(self, phrase: Phrase) -> list[str]:
        state, before, follows = self.state, self._next(-1), self._next()
        if follows.low == "(" and self._names(self._next(2).head) and self._next(3).low == ")":
            return self._group(self.at + 2)  # "average (pitch), slow (tempo)"
        if self._of_next():
            return self._group(self.at + 1)
        if before.headed and before.det and before.head.kind == "thing" and not before.prep:
            return []  # "the pace is quick, the mood neutral"
        if state.pending and before.kind == "phrase":
            return state.pending
        if self.units.at(phrase.first + len(phrase.units)).low == "one":
            return state.last  # "not a low pitch but a high one"
        if state.pending or (state.linked and state.subject):
            return state.subject if state.linked and state.subject else state.pending
        opens = before.kind in ("end", "mark", "and", "but", "colon") and follows.det and not follows.prep
        bare = follows.head.kind == "noun" and not follows.mods
        if opens and bare and self._next(2).kind not in ("be", "say", "verb", "aux"):
            return self._group(self.at + 1)  # "high his voice"
        return state.subject if state.joined and state.subject != ["voice"] else []

    def _of_next(self) -> bool:
        """Whether nouns follow that the phrase is said of: "high in pitch"."""
        follows = self._next()
        valued = any(unit.kind in ("scale", "fact", "attribute") and not unit.person for unit in follows.units)
        of_voice = follows.head.about == "voice" and follows.prep != "in"
        here = self.phrases[self.at].mods
        another = {u.about for u in here if u.kind == "fact" and u.about in LEVELS} - {follows.head.about}
        # not "quietly, with her pitch at a high level"
        joins = follows.prep in self.lexicon.groups["of"] and not another
        return follows.headed and joins and self._names(follows.head) and not valued and not of_voice

    def _group(self, at: int) -> list[str]:
        """The nouns of a list that begins at a phrase; they are spoken for."""
        targets, first = list[str](), self.phrases[at]
        while at < len(self.phrases) and self._names(self.phrases[at].head):
            phrase = self.phrases[at]
            if targets and (phrase.mods or phrase.prep not in ("", first.prep) or self._leads_to_value(at)):
                break  # "low in pitch, at a pace that"
            targets.append(self.phrases[at].head.about)
            self.consumed.add(at)
            joint = at + 1
            while joint < len(self.phrases) and self.phrases[joint].kind in ("and", "mark"):
                joint += 1
            if joint == at + 1:
                break
            at = joint
        self.state.last = targets
        return targets
