"""``annotate.list_names`` and ``describe_name``: what there is, and what a name means."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, cast, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from annotate import assets, attributes, registry
from annotate.errors import unknown_name

LISTS: Mapping[str, Callable[[], list[str]]] = {
    "corpora": lambda: assets.names("data_manifests"),
    "attributes": lambda: [f"{name}: {attributes.load(name).about}" for name in attributes.names()],
    "features": lambda: [f"{slot}: {name}" for slot in registry.FEATURE_SLOTS for name in registry.names(slot)],
    "templates": lambda: assets.names("templates"),
    "recipes": lambda: assets.names("recipes"),
    "writers": lambda: ["none", *registry.names("writer")],
}


def list_names(kind: str | None = None) -> dict[str, list[str]]:
    """What there is: kind -> names, of one kind or of all.

    Args:
        kind: ``corpora``, ``attributes``, ``features``, ``templates``, ``recipes`` or ``writers``.

    Raises:
        UsageError: no such kind.

    Example:
        >>> annotate.list_names("writers")["writers"][0]
        'none'
    """
    if kind is not None and kind not in LISTS:
        raise unknown_name("kind", kind, LISTS)
    return {name: LISTS[name]() for name in ([kind] if kind else LISTS)}


def describe_name(name: str, *, further: Mapping[str, Callable[[], str]] | None = None) -> str:
    """Explain a name: a column, attribute, corpus, label set, feature, writer, template, recipe or setting.

    Args:
        name: the name; a setting is named as in a recipe, ``captions.style``, and a section lists its keys.
        further: names of one's own with their texts, for where nothing else has the name.

    Raises:
        UsageError: nothing has that name; the nearest is offered.

    Example:
        >>> print(annotate.describe_name("pitch_median_hz"))
        pitch_median_hz (float): median F0 over voiced frames, Hz
    """
    # a column is what is asked for most, and its name is often a setting's too
    attribute, _, about = name.partition(": ")  # as ``list_names`` gives it
    if attribute in attributes.names() and about == attributes.load(attribute).about:
        name = attribute
    texts = [*_attribute(name), *_column(name)] or [*_plug_ins(name), *_files(name), *_labels(name)]
    settings = _settings()
    texts += [_setting(key, *settings[key]) for key in settings if key == name]
    texts = texts or [_setting(key, *settings[key]) for key in settings if key.rpartition(".")[2] == name]
    texts = texts or [
        f"a value of {_setting(key, *settings[key])}" for key in settings if name in _choices(settings[key][1])
    ]
    if not texts and further and name in further:
        texts = [further[name]()]
    if not texts:
        raise unknown_name("name", name, [*_names(), *settings, *(further or ())])
    return "\n".join(texts)


def _names() -> list[str]:
    from annotate.store.schema import COLUMNS

    files = [name for kind in assets.KINDS for name in assets.names(kind)]
    return [*COLUMNS, *files, *(name for kind in registry.PLACES for name in registry.names(kind)), *attributes.names()]


def _column(name: str) -> Iterator[str]:
    from annotate.store.schema import COLUMNS

    if name in COLUMNS:
        yield f"{name} ({COLUMNS[name].type}): {COLUMNS[name].about}"


def _attribute(name: str) -> Iterator[str]:
    if name in attributes.names():
        attribute = attributes.load(name)
        measured = " or ".join(f"{column} ({unit})" if unit else column for column, unit in attribute.measures.items())
        comparison = " and ".join(attribute.against) or f"fixed edges ({attribute.source})"
        lines = [
            f"attribute: {name}",
            f"{attribute.about}, from the measurement {measured}",
            *(f"{count} levels: {', '.join(words)}" for count, words in sorted(attribute.levels.items())),
            f"compared with: {comparison}",
            *_known_errors(name, attribute.measure),
            f"to add your own: put a file like annotate/attributes/{name}.yaml, with another name, beside the recipe:",
            "  descriptors: {attributes: [all, ./mine.yaml]} (docs/words.md)",
        ]
        yield "\n  ".join(lines)


def _known_errors(name: str, measure: str) -> list[str]:
    """How wrong the measurement is known to be, and how stable its words, with the recipes' usual estimators."""
    from annotate.features import known_errors
    from annotate.recipe_sections import FeatureSettings

    figures = known_errors.by_column(FeatureSettings().model_dump()).get(measure, ())
    sentence = known_errors.sentence
    errors = [f"known error: {sentence(figure)}" for figure in figures if name not in figure.columns]
    stability = [f"stability: {sentence(figure)}" for figure in figures if name in figure.columns]
    return [*(errors or ["known error: not measured"]), *(stability or ["stability: not measured"])]


def _plug_ins(name: str) -> Iterator[str]:
    kind, _, short = name.rpartition(": ")
    if short == "none":
        yield "none: as a feature, leaves its columns null; as captions.writer, keeps the template's captions"
        return
    for slot in (*registry.FEATURE_SLOTS, "writer"):
        if short in registry.names(slot) and kind in ("", slot):
            yield f"{slot}: {short}\n{textwrap.indent(registry.about(slot, short), '  ')}"


def _reader(name: str) -> Iterator[str]:
    if name in registry.names("reader"):
        yield f"reader: {name}\n{textwrap.indent(registry.about('reader', name), '  ')}"


def _files(name: str) -> Iterator[str]:
    for kind in assets.KINDS:
        short = name.removeprefix(f"{kind}/").removesuffix(assets.KINDS[kind])
        if short in assets.names(kind):
            yield f"{kind}/{short}\n{textwrap.indent(_about_file(kind, short), '  ')}"


def _about_file(kind: str, name: str) -> str:
    if kind != "data_manifests":
        return assets.find(kind, name).read_text(encoding="utf-8").strip()
    from annotate.corpora import data_manifest as manifests
    from annotate.corpora import licences

    corpus = manifests.load(name)
    licence = corpus.licence
    on_hub = licences.metadata(licence.name, licence.url)["license"]
    lines = [
        corpus.title,
        f"obtain: {corpus.obtain}",
        f"licence: {licence.name} (on the Hub: {on_hub}); may be published: {licence.publish}. {licence.note}".strip(),
        f"label sets: {', '.join(corpus.labels)}",
        f"splits: {', '.join([*corpus.splits, 'random'])}",
    ]
    if corpus.expected.rows:
        lines.append(f"expected: {corpus.expected.rows} rows")
    reader = registry.load("reader", corpus.reader)
    lines += [f"corpus.options.{option}: {about}" for option, about in reader.options.items()]
    return "\n".join(lines)


def _labels(name: str) -> Iterator[str]:
    """A label set, in the corpora that have it: from the corpus's labels to ours."""
    from annotate.corpora import data_manifest as manifests
    from annotate.corpora import labels as label_sets

    if name == label_sets.COMMON:
        text = _mapped(label_sets.common())
        yield f"label set: {name}, for every corpus (corpus.labels={name})\n{textwrap.indent(text, '  ')}"
        return
    for corpus in assets.names("data_manifests"):
        chosen = manifests.load(corpus).labels.get(name)
        if chosen is not None and name != "all":
            text = "the corpus's labels as they are" if isinstance(chosen, str) else _mapped(chosen)
            yield f"label set: {name} of {corpus} (corpus.labels={name})\n{textwrap.indent(text, '  ')}"


def _mapped(labels: Any) -> str:
    """A label set by our labels: which of the corpus's become each."""
    if not isinstance(labels, Mapping):
        return str(labels)
    ours: dict[str, list[str]] = {}
    for theirs, label in labels.items():
        ours.setdefault(label or "(left out)", []).append(theirs)
    return "\n".join(f"{label}: {', '.join(theirs)}" for label, theirs in ours.items())


def _settings() -> dict[str, tuple[str, FieldInfo]]:
    """Every key of a recipe and of a training recipe: what the section says of itself, and the field."""
    from annotate.semollm.settings import TrainRecipe
    from annotate.settings import Recipe

    return dict(_keys(TrainRecipe, "")) | dict(_keys(Recipe, ""))


def _keys(model: type[BaseModel], before: str) -> Iterator[tuple[str, tuple[str, FieldInfo]]]:
    texts = _texts_below_keys(model)
    for name, field in model.model_fields.items():
        below = _section(field)
        about = below.__doc__ if below is not None else texts.get(name, model.__doc__)
        yield f"{before}{name}", (about or "", field)
        if below is not None:
            yield from _keys(below, f"{before}{name}.")


def _texts_below_keys(model: type[BaseModel]) -> dict[str, str]:
    """The text that stands below each key of a section in its source."""
    body = cast(ast.ClassDef, ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]).body
    texts = {}
    for key, text in pairwise(body):
        if isinstance(key, ast.AnnAssign) and isinstance(key.target, ast.Name) and isinstance(text, ast.Expr):
            texts[key.target.id] = inspect.cleandoc(ast.literal_eval(text.value))
    return texts


def _section(field: FieldInfo) -> type[BaseModel] | None:
    kinds = (field.annotation, *get_args(field.annotation))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def _setting(key: str, about: str, field: FieldInfo) -> str:
    section = _section(field)
    if section is not None:
        keys = ", ".join(f"{key}.{name}" for name in section.model_fields)
        return f"{key}: {textwrap.dedent(about).strip()}\n  keys: {keys}"
    choices = _choices(field)
    allowed = " or ".join(choices) if choices else _kind(field.annotation)
    limits = [str(limit).partition("(")[2].rstrip(")").replace("=", " ") for limit in field.metadata]
    bounds = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below", "min_length": "length at least"}
    for short, long in bounds.items():
        limits = [limit.replace(f"{short} ", f"{long} ") for limit in limits]
    default = (
        "must be given" if field.is_required() else f"default {_plain(field.get_default(call_default_factory=True))}"
    )
    described = " ".join(about.split())
    return f"{key} ({', '.join([allowed, *limits, default])})\n{textwrap.indent(textwrap.fill(described, 100), '  ')}"


def _choices(field: FieldInfo) -> list[str]:
    """The values of a setting that has a choice of them."""
    kinds = [field.annotation, *get_args(field.annotation)]
    return [str(value) for kind in kinds if get_origin(kind) is Literal for value in get_args(kind)]


def _kind(annotation: Any) -> str:
    names: dict[Any, str] = {str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path"}
    kinds = [kind for kind in (get_args(annotation) or (annotation,)) if kind is not type(None)]
    if get_origin(annotation) is tuple:
        return "list"
    if get_origin(annotation) is dict or annotation is dict:
        return "keys and values"
    return " or ".join(
        names.get(kind, "path" if getattr(kind, "__name__", "") == "Path" else "value") for kind in kinds
    )


def _plain(value: Any) -> str:
    return "empty" if value is None or value == {} else str(value)
