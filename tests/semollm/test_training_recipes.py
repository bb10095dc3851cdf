"""Training recipes: the shipped ones load, mistakes are one line with the nearest right name."""

from __future__ import annotations

import re
from typing import Any

import pytest

from annotate import assets
from annotate.errors import UsageError
from annotate.semollm import settings


def test_every_shipped_training_recipe_loads() -> None:
    names = [name for name in assets.names("recipes") if name.startswith("train/")]
    assert {"train/small", "train/small-quick", "train/paper-wavlm-llama2"} <= set(names)
    for name in names:
        assert settings.load(name).name == name.removeprefix("train/")


def _settings(content: dict[str, Any], above: str = "") -> dict[str, Any]:
    """Dotted key -> value, of every setting that is no section."""
    flat: dict[str, Any] = {}
    for name, value in content.items():
        below = _settings(value, f"{above}{name}.") if isinstance(value, dict) and value else {f"{above}{name}": value}
        flat.update(below)
    return flat


def test_the_quick_recipe_differs_from_small_only_where_it_says() -> None:
    quick, small = (_settings(settings.load(name).model_dump(mode="json")) for name in ("small-quick", "small"))
    header = assets.find("recipes", "train/small-quick").read_text(encoding="utf-8").split("\nname:")[0]
    said = re.search(r"only in (.*?)\.\s", header.replace("\n# ", " "))
    assert said is not None
    allowed = tuple(re.split(r", | and ", said.group(1)))
    differing = {key for key in quick.keys() | small.keys() if quick.get(key) != small.get(key)}
    assert {"name", "output"} <= differing
    assert not [key for key in differing if not key.startswith(allowed)]
    assert (quick["output"], quick["model.readout.use"]) == ("out/semollm-small-quick", True)
    # a few minutes of one core: 1,440 clips pass through the model in all
    stages = [(quick[f"stages.stage{stage}.steps"], quick[f"stages.stage{stage}.batch_size"]) for stage in (1, 2, 3)]
    assert sum(steps * size for steps, size in stages) == 1440


def test_the_paper_s_recipe_has_the_paper_s_sizes() -> None:
    model = settings.load("paper-wavlm-llama2").model
    assert (model.queries, model.project, model.statistics.tokens) == (32, 256, 0)
    assert model.qformer.model_dump(include={"width", "layers", "heads", "inner"}) == {
        "width": 768, "layers": 12, "heads": 12, "inner": 3072
    }  # fmt: skip
    lora = settings.load("paper-wavlm-llama2", ["model.lora.rank=2"]).model.lora
    assert (lora.rank, lora.alpha, lora.dropout, lora.targets) == (2, 8, 0.1, ("q_proj", "v_proj"))


@pytest.mark.parametrize(
    ("recipe", "override", "said"),
    [
        ("smal", "seed=1", "did you mean 'small'"),
        ("small", "model.encodr=x", "did you mean 'encoder'"),
        ("small", "stages.stage3.content=E+P+G", "content 'E\\+P\\+G' is unknown; did you mean 'E"),
        ("small", "stages.stage3.batch_size=0", "greater than or equal to 1; found 0"),
        ("small", "stages.stage4.steps=1", "did you mean 'stage[123]'"),
    ],
)
def test_a_mistake_is_one_line(recipe: str, override: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        settings.load(recipe, [override])
    assert "\n" not in str(caught.value)
