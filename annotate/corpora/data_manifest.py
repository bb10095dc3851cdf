"""A data manifest: one YAML in ``data_manifests/`` that says all that is known of a corpus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from annotate import assets, documents, registry
from annotate.corpora import labels as label_sets
from annotate.corpora import languages
from annotate.errors import UsageError, nearest, unknown_name


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Licence(_Section):
    """What the corpus's licence lets one publish."""

    name: str
    url: str | None = None
    publish: Literal["audio", "features", "nothing"]
    note: str = ""


class GroupRule(_Section):
    """Hold out groups (speakers, sessions): fold k tests the k-th, validates on the next.

    With ``validation: speaker`` and ``by: session``, one speaker of the next session validates and the
    others of it train: what recognisers of dyadic corpora do.
    """

    rule: Literal["group"]
    by: Literal["speaker", "session"] = "speaker"
    folds: int | Literal["each"] = 5
    validation: Literal["next", "speaker"] = "next"
    about: str = ""


class ListsRule(_Section):
    """Published folds: the groups that each fold tests; the next fold's groups validate."""

    rule: Literal["lists"]
    by: Literal["speaker", "session"] = "speaker"
    folds: tuple[tuple[str, ...], ...]
    about: str = ""


class GivenRule(_Section):
    """The split that the corpus itself gives, its names mapped to ours."""

    rule: Literal["given"]
    names: dict[str, Literal["train", "validation", "test"]]
    about: str = ""


class RandomRule(_Section):
    """By a hash of the id: not speaker-independent, and says so."""

    rule: Literal["random"]
    folds: int = Field(default=5, ge=3)
    about: str = ""


class EmoBoxRule(_Section):
    """EmoBox's published folds, read from its JSON lines in the folder that ``corpus.options.emobox`` names."""

    rule: Literal["emobox"]
    about: str = ""


SplitRule = Annotated[GroupRule | ListsRule | GivenRule | EmoBoxRule | RandomRule, Field(discriminator="rule")]


class Expected(_Section):
    """Published counts, held against what a reader finds.

    Attributes:
        rows: utterances, repeated ids counted once.
        emotions: rows by the label that the corpus writes.
        labels: label set -> emotion -> rows.
        splits: rows by the split that the corpus itself gives.
        other_options: counts that replace these where a reader's option is set, by ``option=value``.
        note: what else explains a difference, shown beside one.
    """

    rows: int | None = None
    speakers: int | None = None
    emotions: dict[str, int] = {}
    genders: dict[str, int] = {}
    sessions: dict[str, int] = {}
    labels: dict[str, dict[str, int]] = {}
    splits: dict[str, int] = {}
    other_options: dict[str, dict[str, Any]] = {}
    note: str = ""

    def under(self, options: Mapping[str, Any]) -> Expected:
        """What is expected where these options are set."""
        changed = [self.other_options.get(f"{name}={value}") for name, value in options.items()]
        content = self.model_dump()
        for changes in changed:
            content |= changes or {}
        return Expected.model_validate(content)


class Manifest(_Section):
    """All that is known of a corpus.

    Attributes:
        reader: the plug-in that turns the folder into utterances.
        labels: label sets by name; each maps an original label to the common vocabulary, or to null
            where the set leaves it out on purpose. A key may be a pattern (``*:*``), which serves where
            no key is the label itself. A set may be the string ``keep``: the corpus's labels as they are.
        splits: split rules by name; ``random`` is always there.
        speakers: facts about speakers that the files do not say, by speaker.
        transcripts: texts by the code that stands in file names.
        options: what the reader needs to know besides.
    """

    name: str
    title: str
    reader: str
    homepage: str | None = None
    obtain: str
    citation: str | None = None
    licence: Licence
    language: str | None = None
    synthetic: bool = False
    labels: dict[str, dict[str, str | None] | Literal["keep"]] = {"all": "keep"}
    splits: dict[str, SplitRule] = {}
    speakers: dict[str, dict[str, str | int]] = {}
    transcripts: dict[str, str] = {}
    expected: Expected = Expected()
    options: dict[str, Any] = {}

    def label_set(self, chosen: str | Mapping[str, str | None]) -> label_sets.Labels:
        """A label set by name, or the one that a recipe holds itself; ``common`` is always there.

        Raises:
            UsageError: an unknown name, with the nearest one.
        """
        if not isinstance(chosen, str):
            return label_sets.inline(chosen)
        if chosen not in self.labels and chosen != label_sets.COMMON:
            raise unknown_name(f"{self.name}: label set", chosen, {*self.labels, label_sets.COMMON})
        return self.labels.get(chosen) or label_sets.common()

    def split_rule(self, name: str) -> SplitRule:
        """A split rule by name; ``random`` is always there."""
        rules = {"random": RandomRule(rule="random"), **self.splits}
        if name not in rules:
            raise unknown_name(f"{self.name}: split", name, rules)
        return rules[name]


def load(name: str) -> Manifest:
    """A data manifest by shipped name or by the path of a user's own file."""
    path = assets.find("data_manifests", name)
    content = documents.read_yaml(path)
    for section in ("labels", "speakers", "transcripts", "expected", "splits"):
        _refuse_bare_keys(content.get(section), f"{path}: {section}")
    try:
        manifest = Manifest.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        close = nearest(str(first["loc"][-1]), Manifest.model_fields) if first["type"] == "extra_forbidden" else None
        hint = f"; did you mean '{close}'?" if close else ""
        raise UsageError(f"{path}: {key}: {first['msg'].lower()}{hint}") from None
    if manifest.language is not None and not assets.is_shipped(path):  # shipped ones have codes, as a test holds
        manifest = manifest.model_copy(update={"language": languages.known(manifest.language, f"{path}: language")})
    if not manifest.licence.name.strip():
        raise UsageError(f"{path}: licence.name: is empty; expected a licence such as CC BY 4.0, or a name for yours")
    registry.load("reader", manifest.reader)  # an unknown reader is told now, not when the run is under way
    return manifest


def _refuse_bare_keys(content: Any, where: str) -> None:
    """YAML reads ``no`` as false and ``0011`` as nine: what a corpus calls its labels and speakers needs quotes."""
    for key, below in content.items() if isinstance(content, dict) else ():
        if not isinstance(key, str):
            raise UsageError(f"{where}: YAML reads a key as {key!r}, which is not text; put it in quotes")
        _refuse_bare_keys(below, f"{where}.{key}")
