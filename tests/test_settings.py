from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate import settings
from annotate.errors import SemoError, UsageError

RECIPE = """
name: x
corpus: {manifest: ravdess, root: ???, labels: eight-class}
output: out/x
"""


@pytest.fixture
def recipe(tmp_path: Path) -> str:
    path = tmp_path / "x.yaml"
    path.write_text(RECIPE)
    return str(path)


def test_a_recipe_with_overrides_is_resolved(recipe: str) -> None:
    found = settings.load(recipe, ["corpus.root=data", "descriptors.by=speaker", "replies.contents=[E+G, E]"])
    assert found.corpus.root == Path("data")
    assert found.descriptors.by == "speaker"
    assert found.replies.chosen() == ("E", "E+G")
    assert settings.Recipe.model_validate(settings.yaml.safe_load(found.dump())) == found


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("corpus.rot=data", "'corpus.rot' is unknown; did you mean 'root'?"),
        ("featurs.pitch=praat", "'featurs' is unknown; did you mean 'features'?"),
        ("features.pitch=pratt", "'pratt' is unknown; did you mean 'praat'?"),
        ("descriptors.method=tertiles", "descriptors.method"),
        ("corpus.fold=zero", "corpus.fold"),
        ("replies.contents=[E+Q]", "'E+Q' is unknown; did you mean"),
        ("nonsense", "expected key=value"),
        ("corpus.root.deeper=1", "'root' is a value"),
    ],
)
def test_a_mistake_is_one_line_with_the_nearest_name(recipe: str, override: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        settings.load(recipe, ["corpus.root=data", override])
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_what_must_be_given_is_named(recipe: str) -> None:
    with pytest.raises(UsageError, match=r"corpus\.root must be given"):
        settings.load(recipe)


def test_an_unknown_recipe_offers_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'ravdess'"):
        settings.load("ravdes")


@given(st.binary(max_size=200))
def test_any_bytes_as_a_recipe_are_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("r") / "r.yaml"
    path.write_bytes(content)
    with pytest.raises(SemoError) as error:
        settings.load(str(path))
    assert "\n" not in str(error.value).strip()
