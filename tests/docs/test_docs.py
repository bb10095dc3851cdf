"""The docs do what they say: every command in them is carried out, what they repeat of the code is as the code is."""

from __future__ import annotations

import functools
import glob
import importlib.util
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
import soundfile
from conftest import voice
from hub.conftest import client, finished, hub, variant  # noqa: F401 - fixtures
from hub.server import TOKEN

from annotate import assets
from annotate.cli import annotate, eval, infer, train
from annotate.dataset.hub import push
from annotate.report.review.server import Server

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(path.name for path in DOCS.glob("*.md"))
FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`(?P<name>[\w.-]+\.yaml)`:\n\n```yaml\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
APPS = {"semo-annotate": annotate, "semo-train": train, "semo-infer": infer, "semo-eval": eval}
# lines that other tests carry out (test_wheel, test_quickstart), or that install what tests must not
ELSEWHERE = re.compile(r"(make|pip|python3? |\.venv/bin/|apt-get|ssh|torchrun|'?array=|sbatch|ray start|RAY_ADDRESS=)")


def lines(page: Path) -> list[str]:
    """The command lines of a page."""
    found = FENCE.finditer(page.read_text(encoding="utf-8"))
    return [line for match in found if match["language"] in ("", "sh") for line in split(match["text"])]


def split(text: str) -> list[str]:
    """Command lines, continued ones joined and comments left out."""
    words = [shlex.split(line, comments=True) for line in text.replace("\\\n", " ").splitlines()]
    return [shlex.join(line) for line in words if line]


def generate() -> Any:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_column_is_told() -> None:
    from annotate.store import schema

    assert [column for _, group in generate().GROUPS for column in group] == list(schema.ROW)


def test_what_is_generated_is_current() -> None:
    for path, text in generate().pages().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run 'make docs' (or python docs/generate.py)"


def test_every_page_is_in_the_index_and_in_the_navigation() -> None:
    index, navigation = (DOCS / "index.md").read_text(), (ROOT / "mkdocs.yml").read_text()
    for name in PAGES:
        assert f": {name}" in navigation
        assert name == "index.md" or f"({name})" in index


@pytest.mark.parametrize("name", [*PAGES, "../README.md"])
def test_links_lead_somewhere(name: str) -> None:
    text = (DOCS / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (DOCS / name).parent.joinpath(target).exists(), target


@pytest.mark.parametrize("name", [*PAGES, "../README.md"])
def test_every_command_is_one_that_there_is(name: str) -> None:
    """Of pages whose commands need models or hours (semollm, protocol, captions) this is all that is tried here."""
    for line in lines(DOCS / name):
        program, *words = shlex.split(line)
        if program not in APPS:
            assert ELSEWHERE.match(line), f"{line}: nobody tries this"
            continue
        command: click.Command = APPS[program].app
        context = command.make_context(program, [], resilient_parsing=True)
        if isinstance(command, click.Group):
            found = command.get_command(context, words.pop(0))
            assert found is not None, line
            command = found
        known = {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
        for word in words:
            if word.startswith("--"):
                assert word.partition("=")[0] in known, f"{line}: no option {word}"


def test_a_newcomers_five_questions_are_one_click_away() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.split("## ")[0]
    for page in ("quickstart", "words", "trust", "extending", "semollm"):
        assert f"(docs/{page}.md)" in table


def test_the_page_on_trust_has_the_figures_of_the_bench() -> None:
    from annotate.features import known_errors

    reached = {error.what: error.reached for error in known_errors.all_errors()}
    page = (DOCS / "trust.md").read_text(encoding="utf-8")
    for how in ("MP3 64 kbit/s", "noise 20 dB", "cut off at 4 kHz", "room 0.4 s", "+6 dB"):
        row = [reached[f"words that stay: {name}, {how}"] for name in ("pitch", "speed", "volume")]
        assert f"| {' | '.join(row)} |" in page, how


def test_the_settings_page_says_what_describe_says() -> None:
    import annotate as package

    rows = re.findall(r"^\| `([a-z_.]+)` \| (.*?) \| (.*?) \|$", (DOCS / "settings.md").read_text(), re.MULTILINE)
    captions = {key: about for key, _, about in rows if key.startswith("captions.")}
    assert len(captions) > 10
    for key, about in captions.items():
        assert about in " ".join(package.describe_name(key).split()), key


@pytest.fixture
def desk(tiny: Path, finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:  # noqa: F811
    """Where a reader of the docs stands: the recipes beside them, a finished output of RAVDESS."""
    (tmp_path / "recipes").symlink_to(assets.home("recipes"))
    shutil.copytree(finished, tmp_path / "out" / "ravdess")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("webbrowser.open", lambda address: True)
    monkeypatch.setattr(Server, "serve_forever", lambda self, poll_interval=0.5: None)
    return tmp_path


def carried_out(what: str, names: dict[str, str], capsys: pytest.CaptureFixture[str]) -> str:
    """Carry out the commands of a page, or of a script, in their order; what they printed."""
    said = ""
    for line in lines(DOCS / what) if what.endswith(".md") else split(what):
        program, *words = shlex.split(line)
        if program not in APPS:
            continue
        for old, new in names.items():
            words = [word.replace(old, new) for word in words]
        words = [found for word in words for found in (sorted(glob.glob(word)) if "*" in word else [word])]
        assert APPS[program].main(words) == 0, f"{line}: {capsys.readouterr().err}"
        said += capsys.readouterr().out
    return said


@pytest.mark.parametrize("page", ["index.md", "pipeline.md", "review.md", "data-set.md", "../README.md"])
def test_the_commands_run(page: str, desk: Path, tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # the settings that the finished output was made with are those of its recipe.yaml
    carried_out(page, {"DIR": str(tiny)}, capsys)
    Path("recordings").symlink_to(tiny)
    soundfile.write("clip.wav", voice(1.0, 220.0, syllables=4), 16000)
    run_python(page)


def test_a_job_array(desk: Path, tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Slurm's part is played by this test: it gives the numbers of the jobs and carries out what is wrapped."""
    script, queued = [match["text"] for match in FENCE.finditer((DOCS / "scaling.md").read_text(encoding="utf-8"))][:2]
    wrapped = re.search(r"--wrap \\\n\s*'(.*?)'", queued)
    assert wrapped is not None
    for job in (1, 2):
        names = {
            "recipes/msp-podcast.yaml": "recipes/ravdess.yaml", "$CORPUS": str(tiny), "$OUT": "out/array",
            "$SLURM_ARRAY_TASK_ID": str(job), "$SLURM_ARRAY_TASK_COUNT": "2", "$SLURM_CPUS_PER_TASK": "1",
        }  # fmt: skip
        carried_out(script, names, capsys)
    said = carried_out(wrapped[1], {"$OUT": "out/array", "-of-64": "-of-2"}, capsys)
    assert "60 rows found, 60 kept" in said


def test_captions_are_verified_as_the_page_says(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert annotate.main(["verify", "out/ravdess"]) == 0
    assert "60" in capsys.readouterr().out
    run_python("captions.md")


def test_publishing(
    desk: Path,
    variant: Callable[..., Path],  # noqa: F811
    hub: Any,  # noqa: F811
    client: Any,  # noqa: F811
    tiny: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import huggingface_hub

    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr("huggingface_hub.HfApi", lambda: client)
    fetch = functools.partial(
        huggingface_hub.snapshot_download, endpoint=hub.url, token=TOKEN, cache_dir=desk / "cache"
    )
    monkeypatch.setattr("huggingface_hub.snapshot_download", fetch)
    shutil.rmtree("out/ravdess")
    shutil.copytree(variant(publish="features"), "out/ravdess")
    said = carried_out("publishing.md", {"USER/NAME": "ada/voices", "IEMOCAP_full_release": str(tiny)}, capsys)
    assert "60 rows with their recordings" in said
    assert push.push(Path("out/ravdess"), "ada/voices", api=client).uploaded == 0


def test_a_newcomers_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The quickstart with nothing but what stands on the page."""
    page = (DOCS / "quickstart.md").read_text(encoding="utf-8")
    listed = next(match["text"] for match in FENCE.finditer(page) if match["text"].startswith("recordings/"))
    for place, name in enumerate(listed.split()):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(tmp_path / name, voice(1.5, 110 + 20 * place, syllables=4), 16000)
    recipe = re.search(r"`mine\.yaml`:\n\n```yaml\n(.*?)```", page, re.DOTALL)
    assert recipe is not None
    (tmp_path / "mine.yaml").write_text(recipe[1])
    monkeypatch.chdir(tmp_path)
    said = carried_out("quickstart.md", {}, capsys)
    assert "6 rows found, 6 kept" in said
    assert "emotion: happiness 3, sadness 3" in said
    run_python("quickstart.md")
    made = {path.name for path in (tmp_path / "out" / "mine").iterdir()}
    table = re.findall(r"^\| (`[^|]*) \|", page, re.MULTILINE)
    promised = {name.strip("/") for cell in table for name in re.findall(r"`([^`]+)`", cell)}
    assert promised <= made
    assert "report.html" in promised


def run_python(page: str) -> None:
    """The Python of a page, its blocks one after the other."""
    names: dict[str, Any] = {}
    for match in FENCE.finditer((DOCS / page).read_text(encoding="utf-8")):
        if match["language"] == "python":
            exec(compile(match["text"], page, "exec"), names)
