"""A stage in a file outside the package becomes columns of the data set, and is resumed like every other part."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from annotate import settings
from annotate.corpora import corpus_rows
from annotate.dataset.verdicts import Verdict, VerdictJournal, mark
from annotate.errors import SemoError, UsageError
from annotate.pipeline import Pipeline
from annotate.run_context import RunContext, RunState
from annotate.stages import ROUNDS, rounds

STAGE = '''
"""Words of the caption, and its first one."""
from annotate.engine.user_stages import UserStage


def compute(row):
    words = (row["caption"] or "").split()
    return {"caption_words": len(words), "caption_first": words[0] if words else None}


plugin = UserStage(
    version="1",
    reads=("caption",),
    writes={"caption_words": "words of the caption", "caption_first": "its first word"},
    compute=compute,
    types={"caption_first": "text"},
)
'''


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    path = tmp_path / "caption_length.py"
    path.write_text(STAGE, encoding="utf-8")
    return path


def recipe(tiny: Path, output: Path, *lines: str) -> settings.Recipe:
    cheap = ["features.pitch=none", "features.voice=none", "dataset.audio=none", "descriptors.smallest_group=5"]
    return settings.load("ravdess", [f"corpus.root={tiny}", *cheap, *lines], output)


def table(output: Path) -> dict[str, dict[str, object]]:
    paths = sorted((output / "data").iterdir())
    return {row["id"]: row for path in paths for row in pq.read_table(path).to_pylist()}


def test_its_columns_are_in_the_data_set_and_it_is_resumed(tiny: Path, stage: Path, tmp_path: Path) -> None:
    chosen = recipe(tiny, tmp_path / "out", f"stages=[{stage}]")
    outcome = Pipeline(chosen).run()
    rows = table(chosen.output)
    assert rows
    assert all(row["caption_words"] == len(str(row["caption"]).split()) for row in rows.values())
    assert all(row["caption_first"] == str(row["caption"]).split()[0] for row in rows.values())
    assert outcome.computed["stage-caption_length"] == outcome.state.index.rows
    assert "caption_words" in (chosen.output / "README.md").read_text("utf-8")
    assert not Pipeline(chosen).run().computed
    # a caption that a reviewer rejects is none to count
    first = sorted(rows)[0]
    text = str(rows[first]["caption"])
    VerdictJournal(chosen.output).add(Verdict(first, "ann", "reject", mark(text)))
    assert set(Pipeline(chosen).run().computed) == {"review", "stage-caption_length", "dataset"}
    assert table(chosen.output)[first]["caption_words"] == 0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('reads=("caption",)', 'reads=("captoin",)', "reads 'captoin' is unknown.*did you mean 'caption'"),
        ('{"caption_words": len', '{"words": len', "returned the column 'words'; expected caption_words"),
        ("len(words),", "'many',", "caption_words is 'many'; expected number"),
        ('(row["caption"] or "")', 'row["pitch"]', "KeyError: 'pitch'"),
        ('"caption_words"', '"pitch"', "column 'pitch' would be written twice"),
        ('"caption_first": "text"', '"caption_first": "texts"', "'texts' is unknown"),
        ("plugin = UserStage", "plugin = dict", "'plugin' is a dict; expected a UserStage"),
    ],
)
def test_a_mistake_is_one_line(tiny: Path, stage: Path, tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in STAGE
    stage.write_text(STAGE.replace(old, new), encoding="utf-8")
    with pytest.raises(SemoError, match=message) as error:
        Pipeline(recipe(tiny, tmp_path / "out", f"stages=[{stage}]")).run()
    assert "\n" not in str(error.value)


def test_two_of_one_name_are_refused(tiny: Path, stage: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / stage.name
    other.parent.mkdir()
    other.write_text(STAGE, encoding="utf-8")
    with pytest.raises(UsageError, match="two files have the same name"):
        Pipeline(recipe(tiny, tmp_path / "out", f"stages=[{stage}, {other}]"))


def test_the_rounds_are_a_list_and_a_run_changes_nothing_of_the_pipeline(tiny: Path, tmp_path: Path) -> None:
    chosen = recipe(tiny, tmp_path / "out")
    assert [one.name for one in rounds(RunContext.of(chosen))] == [one.name for one in ROUNDS[:5]]
    pipeline = Pipeline(chosen)
    before = dict(vars(pipeline))
    pipeline.dry_run()
    pipeline.run_share(1, 2)
    # a dry run and a share leave no trace: the whole is made, and written
    assert pipeline.run().computed["dataset"] == len(list(tiny.rglob("*.wav")))
    assert vars(pipeline) == before
    assert dict(RunState(corpus_rows.Index("", 0, 0)).owners) == dict.fromkeys(corpus_rows.COLUMNS, corpus_rows.PART)
