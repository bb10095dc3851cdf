"""The licence rule: of every shipped corpus, of what is held back, and of overruling it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from annotate import assets, settings
from annotate.cli.annotate import main
from annotate.corpora import data_manifest as manifests
from annotate.dataset.hub import licence, prepare, push
from annotate.errors import SemoError, UsageError
from annotate.pipeline import Pipeline
from hub.server import TOKEN, Hub

REPO = "ada/voices"
# read from the licences, see docs/corpora.md; a corpus that is added here must be looked up first
RULES = {
    "audiofolder": "nothing", "crema-d": "audio", "emobox": "nothing", "emodb": "features", "esd": "features",
    "huggingface": "nothing", "iemocap": "features", "kaldi": "nothing", "libritts": "audio", "meld": "features",
    "msp-improv": "features", "msp-podcast": "features", "quickstart": "audio", "ravdess": "audio",
    "savee": "features", "table": "nothing", "tess": "features",
}  # fmt: skip


def test_every_shipped_corpus_has_a_rule() -> None:
    assert set(RULES) == set(assets.names("data_manifests"))


@pytest.mark.parametrize("name", RULES)
def test_what_goes_out_of_each_shipped_corpus(variant: Any, hub: Hub, client: Any, name: str) -> None:
    """The corpus's own licence, on an output with recordings and texts in it: what arrives on the Hub."""
    folder = variant(**manifests.load(name).licence.model_dump())
    if RULES[name] == "nothing":
        with pytest.raises(SemoError, match="does not allow anything to be published"):
            push.push(folder, REPO, api=client)
        assert not hub.repos
        return
    done = push.push(folder, REPO, api=client)
    assert not done.prepared.rule.despite
    tables = [pq.read_table(pa.BufferReader(content)) for content in hub.large.values()]
    for table in tables:
        if RULES[name] == "audio":
            assert all(held["bytes"] for held in table["audio"].to_pylist())
            assert all(table["transcript"].to_pylist())
        else:
            assert "audio" not in table.column_names
            for column in prepare.WITHHELD:
                assert table[column].null_count == table.num_rows
            assert not [row for row in table["caption"].to_pylist() if "the door" in (row or "")]
        for column in ("id", "caption", "pitch_median_hz", "reply_e_g_p_s_v"):
            assert table[column].null_count == 0
    files = hub.repos[REPO].files("main") or {}
    for path, blob in files.items():
        if not path.endswith(".parquet") and RULES[name] == "features":
            assert b"talking by the door" not in hub.content(blob), path


def test_captions_that_quote_are_held_back() -> None:
    row: dict[str, Any] = {
        "transcript": "Kids are talking!", "caption": "She says 'kids are  talking' loudly.",
        "caption_claims": "{}", "caption_writer": "llm",
        **dict.fromkeys(prepare.WITHHELD[1:], "He says 'Kids are talking!'"),
    }  # fmt: skip
    assert prepare.withhold_transcript(row)
    assert set(row.values()) == {None}
    other = {"transcript": "Yes.", "caption": "A yes in a high voice.", **dict.fromkeys(prepare.WITHHELD[1:], "x")}
    assert not prepare.withhold_transcript(other)
    assert other["caption"]


def test_overruling_is_said_and_written_down(variant: Any, hub: Hub, client: Any) -> None:
    folder = variant(publish="nothing")
    done = push.push(folder, REPO, despite="audio", api=client)
    assert done.prepared.rule.despite
    assert "although the licence rule" in done.prepared.rule.sentence
    card = hub.content((hub.repos[REPO].files("main") or {})["README.md"]).decode()
    assert "Published against the licence rule" in card
    assert all("audio" in pq.read_table(pa.BufferReader(content)).column_names for content in hub.large.values())


def test_less_than_allowed_is_no_overruling() -> None:
    rule = licence.decide("x", {"publish": "audio", "name": "free"}, "features")
    assert (rule.publish, rule.despite) == ("features", False)
    with pytest.raises(UsageError, match="did you mean 'audio'"):
        licence.decide("x", {"publish": "nothing", "name": "n"}, "audoi")


def test_the_flag_says_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["push", "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Publish more than the licence rule of the corpus allows" in said
    assert "You are responsible, and the card says so." in said


def test_nothing_of_this_machine_goes_out(finished: Path, tiny: Path, hub: Hub, client: Any) -> None:
    push.push(finished, REPO, api=client)
    for path, blob in (hub.repos[REPO].files("main") or {}).items():
        content = hub.content(blob)
        assert str(tiny).encode() not in content, path
        assert str(finished).encode() not in content, path
    recipe = yaml.safe_load(hub.content((hub.repos[REPO].files("main") or {})["recipe.yaml"]))
    assert recipe["corpus"]["root"] == "???"


def test_paths_are_no_recordings(tiny: Path, tmp_path: Path, hub: Hub, client: Any) -> None:
    recipe = settings.load("ravdess", [f"corpus.root={tiny}", "dataset.audio=path"], tmp_path / "out")
    Pipeline(recipe).run()
    push.push(tmp_path / "out", REPO, api=client)
    tables = [pq.read_table(pa.BufferReader(content)) for content in hub.large.values()]
    assert all("audio" not in table.column_names for table in tables)
    assert all(table["transcript"].null_count == 0 for table in tables)


def test_a_recipe_publishes_at_its_end(tiny: Path, tmp_path: Path, hub: Hub, client: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr("huggingface_hub.HfApi", lambda: client)
    overrides = [f"corpus.root={tiny}", "hub.repo=ada/voices", "hub.private=true", "dataset.audio=none"]
    outcome = Pipeline(settings.load("ravdess", overrides, tmp_path / "out")).run()
    assert outcome.published == f"{hub.url}/datasets/ada/voices"
    assert hub.repos[REPO].private
    again = Pipeline(settings.load("ravdess", overrides, tmp_path / "out")).run()
    assert not again.computed
    assert len(hub.repos[REPO].commits) == 3


def test_a_recipe_that_publishes_without_a_token_is_refused_before_anything_is_measured(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    recipe = settings.load("ravdess", [f"corpus.root={tiny}", "hub.repo=ada/voices"], tmp_path / "out")
    with pytest.raises(SemoError, match="there is no token for the Hub: run 'hf auth login'"):
        Pipeline(recipe).run()
    assert not (tmp_path / "out").exists()


def test_a_recipe_that_may_not_publish_is_refused_before_it_runs(tiny: Path, tmp_path: Path) -> None:
    overrides = [f"corpus.root={tiny}", "hub.repo=ada/voices"]
    with pytest.raises(SemoError, match="does not allow anything"):
        Pipeline(settings.load("audiofolder", overrides, tmp_path / "out"))
    with pytest.raises(UsageError, match=r"hub\.privte' is unknown; did you mean 'private'"):
        settings.load("ravdess", [*overrides, "hub.privte=true"], tmp_path / "out")
