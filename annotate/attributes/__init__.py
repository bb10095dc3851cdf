"""Attributes: what is heard in a voice and said of it, one YAML file each; everything said is derived from them.

Gender and emotion are not among them: they are labels, given by a corpus or estimated as a whole, with neither a
measure nor levels.
"""

from annotate.attributes.attribute import ABSOLUTE, GROUP, OWN, SPEAKER, Attribute, word_column
from annotate.attributes.attribute_table import (
    ALL,
    BROUGHT,
    PAPER,
    AttributeTable,
    bring,
    is_file,
    known,
    load,
    names,
    remember,
    reply_attributes,
    revision,
    table,
)

__all__ = [
    "ABSOLUTE",
    "ALL",
    "BROUGHT",
    "GROUP",
    "OWN",
    "PAPER",
    "SPEAKER",
    "Attribute",
    "AttributeTable",
    "bring",
    "is_file",
    "known",
    "load",
    "names",
    "remember",
    "reply_attributes",
    "revision",
    "table",
    "word_column",
]
