"""``semo-infer``: arguments in, one call out."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import click

from annotate import __version__, console
from annotate.cli.main import command_line
from annotate.cli.train import need_libraries

FILE = click.Path(path_type=Path)


@click.command(name="semo-infer", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.argument("audio", nargs=-1, type=FILE)
@click.option("--model", help="A trained model: the folder that semo-train left, or its name on the Hub.")
@click.option("--ckpt-path", "--ckpt_path", type=FILE, help="The published checkpoint, 43.pth, in place of --model.")
@click.option("--recipe", default="paper-wavlm-llama2", show_default=True, help="Sizes of the checkpoint's model.")
@click.option("--encoder", "--wavlm-path", "--wavlm_path", help="The speech encoder, in place of the model's own.")
@click.option("--llm", "--llm-path", "--llm_path", help="The language model, in place of the model's own.")
@click.option("--bert-path", "--bert_path", hidden=True, help="Not needed: the text path is gone after stage 1.")
@click.option("--test-src", "--test_src", type=FILE, help="A list of recordings, id<TAB>path a line (.scp).")
@click.option("--batch-size", "--batch_size", type=click.IntRange(min=1), default=16, show_default=True)
@click.option("--audio-maxlen", "--audio_maxlen", type=click.FloatRange(min=0.1), help="Longest stretch, in seconds.")
@click.option("--text-maxlen", "--text_maxlen", type=click.IntRange(min=1), help="Longest reply, in tokens.")
@click.option("--long", type=click.Choice(["cut", "windows"]), default="cut", show_default=True, help="Longer speech.")
@click.option("--beams", type=click.IntRange(min=1), default=1, show_default=True, help="1 is greedy.")
@click.option("--decode", type=click.Choice(["greedy", "scored"]), help="In place of the model's own.")
@click.option("--published", is_flag=True, help="Word replies as the published code: 5 beams, nucleus 0.9, drawn.")
@click.option("--lora", type=click.IntRange(min=0), default=0, help="Rank of the adapters in --ckpt-path; 0: none.")
@click.option("--prompt", help="Text between speech and reply for --ckpt-path; the published weights take none.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--seed", type=int, default=0, help="For --published.")
@click.option("--format", "form", type=click.Choice(["jsonl", "table"]), default="jsonl", show_default=True)
@click.option("--output", type=FILE, help="A file in place of standard output.")
@click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback on failure.")
def app(audio: tuple[Path, ...], test_src: Path | None, form: str, output: Path | None, **chosen: Any) -> int:
    """Say what recordings sound like: one reply a recording, or a window of it.

    AUDIO are files of any format that libsndfile reads, or folders of them.
    """
    from annotate.errors import UsageError

    if (chosen["model"] is None) == (chosen["ckpt_path"] is None):
        raise UsageError("expected --model FOLDER or --ckpt-path 43.pth, one of them")
    need_libraries()
    from annotate.semollm import infer

    recordings = infer.sources(audio, test_src)
    with _opened(output) as file:
        failed = _run(infer, recordings, form, file, chosen)
    if failed:
        console.show(f"{failed} of {len(recordings)} recordings have no reply; the lines say why", error=True)
    return 1 if failed else 0


def _run(infer: Any, recordings: Any, form: str, file: TextIO, chosen: dict[str, Any]) -> int:
    import torch

    from annotate.semollm import generate

    torch.manual_seed(chosen["seed"])
    speaker = _speaker(infer, chosen)
    longest = chosen["text_maxlen"] or int(speaker.model.config.max_text)
    how = generate.How(beams=chosen["beams"], longest=longest, decode=chosen["decode"])
    if chosen["published"]:
        how = generate.How(beams=5, sample=True, repetition=1.5, longest=longest, shortest=3, decode="greedy")
    failed = 0
    found = infer.run(speaker, recordings, how, chosen["batch_size"], chosen["audio_maxlen"], chosen["long"])
    for reply in found:
        failed += reply.error is not None
        if form == "jsonl":
            console.show(json.dumps(reply.row(), ensure_ascii=False), file=file)
        else:
            said = reply.error if reply.error is not None else reply.reply
            stretch = f"{reply.start:.1f}-{reply.end:.1f} s"
            console.show(f"{reply.id:<28} {stretch:<14} {reply.emotion or '-':<10} {said}", file=file)
    return failed


def _speaker(infer: Any, chosen: dict[str, Any]) -> Any:
    if chosen["model"] is not None:
        return infer.trained(chosen["model"], chosen["device"], chosen["encoder"], chosen["llm"])
    from annotate.semollm import settings

    named = {"model.encoder": chosen["encoder"], "model.llm": chosen["llm"], "model.lora.rank": chosen["lora"]}
    overrides = [f"{key}={value}" for key, value in named.items() if value is not None]
    recipe = settings.load(chosen["recipe"], overrides)

    def tell(line: str) -> None:
        console.show(line, error=True)

    return infer.published(chosen["ckpt_path"], recipe, chosen["device"], tell, chosen["prompt"])


@contextlib.contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    from annotate.store import files

    with files.told(output):
        output.parent.mkdir(parents=True, exist_ok=True)
        file = open(output, "w", encoding="utf-8")  # noqa: SIM115
    with file:
        yield file


def main(arguments: list[str] | None = None) -> Any:
    """Entry point; returns the exit code."""
    return command_line(app, sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    sys.exit(main())
