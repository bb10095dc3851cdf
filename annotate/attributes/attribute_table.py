"""The attributes of a recipe, in order: shipped ones by name, those of other packages by name, one's own by file.

Other packages bring theirs by an entry point in the group ``semo_annotate.attribute`` whose value is the path of the
YAML file. ``all`` stands for the shipped ones alone, so that a recipe gives the same columns wherever it runs;
``paper`` for those that the paper's replies name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from annotate import registry
from annotate.attributes import attribute_file
from annotate.attributes.attribute import GROUP, SPEAKER, Attribute, word_column
from annotate.errors import UsageError, unknown_name

ALL, PAPER = "all", "paper"
KIND = "attribute"
BROUGHT = "attributes"  # the folder of a data set with the files of its own attributes
# attributes of one's own files that this process has read
_READ: dict[str, Attribute] = {}
_REVISIONS: list[str] = []


@dataclass(frozen=True)
class AttributeTable(Mapping[str, Attribute]):
    """Attributes by name, in the order of the recipe.

    Attributes:
        attributes: no two of one name.
        levels: how many levels their words have, 3 or 5.
    """

    attributes: tuple[Attribute, ...]
    levels: int = 3

    def __getitem__(self, name: str) -> Attribute:
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (attribute.name for attribute in self.attributes)

    def __len__(self) -> int:
        return len(self.attributes)

    def words(self, name: str) -> tuple[str, ...]:
        """The words of an attribute at this table's number of levels, from least to most."""
        return self[name].words(self.levels)

    def with_replies(self) -> AttributeTable:
        """This table with the attributes of the paper's replies first, whether or not it has them."""
        first = [attribute for attribute in reply_attributes().attributes if attribute.name not in self]
        # sorted is stable: those that replies do not name stay in the recipe's order
        whole = sorted(
            [*first, *self.attributes], key=lambda attribute: (attribute.reply is None, attribute.reply or "")
        )
        return AttributeTable(tuple(whole), self.levels)

    @property
    def letters(self) -> dict[str, str]:
        """Letter of the paper's contents -> attribute, for those that replies name."""
        return {attribute.reply: attribute.name for attribute in self.attributes if attribute.reply}

    def cues(self, against: str) -> dict[str, Attribute]:
        """Column of words -> the attribute, for all that may be a reason for an emotion.

        Args:
            against: the comparisons wanted: ``group``, ``speaker`` or ``both``. An attribute that cannot be compared
                as wanted (one with absolute edges) has the column of its name.
        """
        cues = {}
        for attribute in self.attributes:
            if not attribute.cue:
                continue
            if against != SPEAKER or SPEAKER not in attribute.against:
                cues[attribute.name] = attribute
            if against != GROUP and SPEAKER in attribute.against:
                cues[word_column(attribute.name, SPEAKER)] = attribute
        return cues


def names() -> list[str]:
    """Shipped attributes in their order, then those of other packages."""
    return [*_shipped(), *(name for name in registry.joined(KIND) if name not in _shipped())]


def known() -> Mapping[str, Attribute]:
    """All attributes that captions may speak of, by name.

    The shipped ones, those of other packages, and those whose file this process has read: a caption that says "dull" is
    about brightness wherever somebody has told what brightness is.
    """
    return _known(revision())


@lru_cache(1)
def _known(_: int) -> Mapping[str, Attribute]:
    return {name: load(name) for name in names()} | _READ


def remember(attribute: Attribute) -> None:
    """Make an attribute of a file known to this process."""
    if attribute.name not in names() and _READ.get(attribute.name) != attribute:
        _READ[attribute.name] = attribute
        _REVISIONS.append(attribute.name)


def revision() -> int:
    """How often something became known: what is compiled from ``known`` is out of date at another number."""
    return len(_REVISIONS)


def bring(folder: Path) -> list[Path]:
    """Make the attributes that a data set brings in ``folder/attributes`` known; their files, in order.

    Raises:
        UsageError: one of them is no attribute.
    """
    files = sorted((folder / BROUGHT).glob("*.yaml"))
    for file in files:
        load(str(file))
    return files


def is_file(name: str) -> bool:
    """Whether an attribute is named by the path of its file."""
    return name.endswith((".yaml", ".yml")) or "/" in name or "\\" in name


def load(name: str) -> Attribute:
    """A shipped attribute, one of another package, or one's own by the path of its file.

    Raises:
        UsageError: no such attribute or file, or a file that is not right.
    """
    if is_file(name):
        path = Path(name)
        if not path.is_file():
            raise UsageError(
                f"descriptors.attributes: there is no file '{name}'; the shipped attributes are: {', '.join(names())}"
            )
        attribute = _foreign(attribute_file.read(path))
        remember(attribute)
        return attribute
    if name in _shipped():
        return _read_shipped(name)
    if name in registry.joined(KIND):
        return _foreign(attribute_file.read(Path(registry.joined(KIND)[name].load())))
    raise unknown_name("descriptors.attributes:", name, [*names(), ALL, PAPER])


def _foreign(attribute: Attribute) -> Attribute:
    """One that is not shipped: it cannot take a shipped one's name, nor a letter of the paper's contents."""
    if attribute.name in _shipped():
        raise UsageError(f"{attribute.origin}: '{attribute.name}' is a shipped attribute; give yours another name")
    if attribute.reply:
        raise UsageError(f"{attribute.origin}: reply: is only for the attributes of the paper's replies; remove it")
    return attribute


def table(chosen: str | Sequence[str] = ALL, levels: int = 3) -> AttributeTable:
    """The table of a recipe.

    Args:
        chosen: ``all``, ``paper``, or a list of names and paths, in which these two stand for those that they name.
        levels: 3 or 5.
    """
    wanted = [chosen] if isinstance(chosen, str) else list(chosen)
    several = {ALL: _shipped(), PAPER: [name for name in _shipped() if _read_shipped(name).reply]}
    listed = [name for name_or_set in wanted for name in several.get(name_or_set, (name_or_set,))]
    loaded = [load(name) for name in listed]
    for place, attribute in enumerate(loaded):
        twin = next((earlier for earlier in loaded[:place] if earlier.name == attribute.name), None)
        if twin is not None:
            raise UsageError(
                f"descriptors.attributes: '{attribute.name}' is given twice: {twin.origin} and {attribute.origin}"
            )
    _check_clashes(loaded)
    return AttributeTable(tuple(loaded), levels)


def _check_clashes(attributes: Sequence[Attribute]) -> None:
    """Refuse a clash with an attribute or a word that there is not."""
    everything = {**known(), **{attribute.name: attribute for attribute in attributes}}
    for attribute in attributes:
        for word, others in attribute.clashes.items():
            for name, clashing in others.items():
                where = f"{attribute.origin}: clashes.{word}"
                if name not in everything:
                    raise unknown_name(f"{where}:", name, everything)
                for clash in clashing:
                    if clash not in everything[name].all_words:
                        raise unknown_name(f"{where}.{name}:", clash, everything[name].all_words)


def reply_attributes() -> AttributeTable:
    """The attributes of the paper's replies, at the three levels that replies have whatever the recipe says."""
    return AttributeTable(tuple(attribute for attribute in map(load, _shipped()) if attribute.reply), levels=3)


@cache
def _shipped() -> tuple[str, ...]:
    """Those of the replies first, as the paper orders them, then by name."""
    read = _shipped_attributes().values()
    return tuple(
        attribute.name
        for attribute in sorted(
            read, key=lambda attribute: (attribute.reply is None, attribute.reply or "", attribute.name)
        )
    )


def _read_shipped(name: str) -> Attribute:
    return _shipped_attributes()[name]


@cache
def _shipped_attributes() -> dict[str, Attribute]:
    """By the name of the file, which is the attribute's; each file is read once in a process."""
    return {path.stem: attribute_file.read(path) for path in sorted(Path(__file__).parent.glob("*.yaml"))}
