"""A data set that was pushed trains: ``semo-train USER/NAME``, with tiny models."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from annotate.dataset.hub import push
from hub.server import TOKEN, Hub

pytest.importorskip("torch", reason="torch is not installed (extra train)")
pytest.importorskip("transformers", reason="transformers is not installed (extra train)")

from semollm import tiny_models


@pytest.mark.slow
def test_semo_train_takes_the_name_on_the_hub(finished: Path, hub: Hub, client: Any, tmp_path: Path) -> None:
    push.push(finished, "ada/voices", api=client)
    recipe = tiny_models.recipe(tiny_models.save_whisper(tmp_path / "ear"), tiny_models.save_llm(tmp_path / "mouth"))
    recipe["features"] = {"folder": str(tmp_path / "features")}
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(recipe))
    environment = {
        **os.environ, "HF_ENDPOINT": hub.url, "HF_TOKEN": TOKEN, "HF_HOME": str(tmp_path / "home"),
        "HF_HUB_DISABLE_XET": "1", "HF_HUB_OFFLINE": "0",
    }  # fmt: skip
    line = [sys.executable, "-m", "annotate.cli.train", "ada/voices", "--recipe", str(tmp_path / "tiny.yaml")]
    line += ["--output", str(tmp_path / "model"), "--quiet"]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "model").rglob("*.safetensors"))
