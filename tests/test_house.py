"""The house itself: what loads what, what is shipped, what the registry knows."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from annotate import assets, documents, registry
from annotate.captions import sandbox
from annotate.corpora import data_manifest, languages
from annotate.errors import SemoError, UsageError
from annotate.recipe_sections import CONTENTS
from annotate.store import schema

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("torch", "transformers", "parselmouth", "librosa", "datasets", "pyarrow", "pandas", "scipy", "matplotlib")


@pytest.mark.parametrize("line", ["import annotate", "main(['--help'])", "main(['list'])"])
def test_light_commands_load_nothing_heavy(line: str) -> None:
    code = f"""
import sys
from annotate.cli.annotate import main
{line}
print('LOADED', sorted(set(sys.modules) & set({HEAVY!r})))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("LOADED []")


def test_every_shipped_manifest_and_recipe_loads() -> None:
    for name in assets.names("data_manifests"):
        loaded = data_manifest.load(name)
        assert loaded.name == name
        assert loaded.language is None or languages.known(loaded.language, name) == loaded.language
    for name in assets.names("recipes"):
        if name.startswith("train/"):
            continue  # of another kind; tests/semollm/test_training_recipes.py loads them
        content = documents.read_yaml(assets.find("recipes", name))
        assert content["corpus"]["manifest"] in assets.names("data_manifests")


def test_every_plug_in_documents_itself() -> None:
    for kind in registry.PLACES:
        for name in registry.names(kind):
            assert registry.about(kind, name), f"{kind} {name}"


def test_features_write_only_columns_of_the_schema() -> None:
    for slot in registry.FEATURE_SLOTS:
        for name in registry.names(slot):
            assert set(registry.load(slot, name).writes) <= set(schema.COLUMNS)


def test_an_unknown_plug_in_offers_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'praat'"):
        registry.load("pitch", "prat")


def test_a_plug_in_whose_library_is_missing_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "annotate.features.pitch.dio", raising=False)
    monkeypatch.setitem(sys.modules, "pyworld", None)
    with pytest.raises(SemoError, match="pitch 'dio' needs the package 'pyworld'"):
        registry.load("pitch", "dio")


def test_the_contract_s_columns_are_there_in_order() -> None:
    """All columns that the contract fixes, from first to last; a recipe's further ones stand after them."""
    contents = ["".join(f"_{letter}" for letter in content.lower().split("+")) for content in CONTENTS]
    contract = [
        "id", "corpus", "duration", "speaker", "gender", "gender_source", "session", "split", "language",
        "transcript", "emotion", "emotion_original", "intensity", "valence", "arousal", "dominance",
        "pitch_median_hz", "pitch_mean_hz", "pitch_sd_st", "pitch_range_st", "pitch_slope_st_s", "voiced_fraction",
        "loudness_lufs", "level_rms_dbfs", "rate_syllables_s", "rate_phones_s", "spoken_s", "pause_s", "snr_db",
        "jitter", "shimmer", "hnr_db", "tilt_db",
        "pitch", "pitch_scale", "speed", "speed_scale", "volume", "volume_scale",
        "notes",
        *(f"reply{content}" for content in contents),
        "caption", "caption_writer", "caption_model", "caption_prompt_hash", "caption_tries", "caption_claims",
    ]  # fmt: skip
    assert [column.name for column in schema.ROW][: len(contract)] == contract


def test_copy_does_not_overwrite(tmp_path: Path) -> None:
    assets.copy("recipes", "ravdess", tmp_path)
    with pytest.raises(SemoError, match="not overwritten"):
        assets.copy("recipes", "ravdess", tmp_path)


def test_nothing_names_a_machine() -> None:
    """No file of the project names an absolute place of the machine it was written on."""
    wrong = re.compile(r"(?<![\w.~])/(work|root|home|opt)/\w")
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    for name in tracked:
        path = ROOT / name
        if path.suffix in {".py", ".md", ".yaml", ".toml", ".jinja2", ""} and path.is_file():
            assert not wrong.search(path.read_text(encoding="utf-8")), name


# of rooms that are being rebuilt: a class of settings beside the class that it sets up; the list shall only shrink
STILL_TWICE = {
    "Cell", "Clip", "Clips", "Compute", "Corpus", "Evidence", "Example", "Features", "Heard", "Prepared", "Reader",
    "Readout", "Report", "Source", "Stage", "Statistics", "Tally",
}  # fmt: skip


def test_no_two_classes_have_one_name() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "annotate").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for name in (node.name for node in tree.body if isinstance(node, ast.ClassDef)):
            places[name].append(path.relative_to(ROOT).as_posix())
    twice = {name: paths for name, paths in places.items() if len(paths) > 1}
    assert {name: paths for name, paths in twice.items() if name not in STILL_TWICE} == {}
    rebuilt = ("annotate/semollm/", "annotate/captions/reading/")
    assert all(any(path.startswith(rebuilt) for path in paths) for paths in twice.values())


def test_only_sentences_for_people_read_notes() -> None:
    """A value is data: no module looks into the text of a note, but two that show notes to people."""
    reading = re.compile(
        r"note\w*\.(split|startswith|endswith|partition|find|lower)\(|\bin note\b|re\.\w+\([^)]*\bnote\b"
    )
    wrong = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "annotate").rglob("*.py"))
        if reading.search(path.read_text(encoding="utf-8"))
    ]
    # a word's own note beside it; the summary's count of notes by kind
    assert wrong == ["annotate/api/describing.py", "annotate/dataset/build.py"]


def test_benchmarks_import_in_no_circle() -> None:
    import grimp

    graph = grimp.build_graph("benchmarks")
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            assert module not in graph.find_upstream_modules(imported), f"{module} and {imported} import each other"


def test_every_shipped_template_is_one_that_a_stranger_s_might_be() -> None:
    for name in assets.names("templates"):
        if name.startswith(("replies/", "captions/")):
            sandbox.Bounded(assets.find("templates", name).read_text(encoding="utf-8"))  # raises where it is not


def test_a_file_of_the_user_s_is_not_taken_for_a_shipped_one(tmp_path: Path) -> None:
    own = assets.copy("templates", "captions/plain", tmp_path)
    assert not assets.is_shipped(own)
    assert assets.is_shipped(assets.find("templates", "captions/plain"))
