"""``semo-infer``: arguments in, one call out."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import click

import annotate
from annotate import console
from annotate.cli.main import command_line
from annotate.errors import UsageError

FILE = click.Path(path_type=Path)


@click.command(name="semo-infer", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(annotate.__version__)
@click.argument("audio", nargs=-1, type=FILE)
@click.option("--model", help="A trained model: the folder that semo-train wrote, or its name on the Hub.")
@click.option("--ckpt-path", "--ckpt_path", type=FILE, help="The published checkpoint, 43.pth, instead of --model.")
@click.option(
    "--recipe",
    default="paper-wavlm-llama2",
    show_default=True,
    help="Training recipe that gives the sizes of the checkpoint's model.",
)
@click.option("--encoder", "--wavlm-path", "--wavlm_path", help="Speech encoder to use instead of the model's own.")
@click.option("--llm", "--llm-path", "--llm_path", help="Language model to use instead of the model's own.")
@click.option("--bert-path", "--bert_path", hidden=True, help="Not needed: the text path is gone after stage 1.")
@click.option(
    "--test-src",
    "--test_src",
    type=FILE,
    help="A list of recordings: id<TAB>path lines (.scp), or a table with --speaker-of.",
)
@click.option(
    "--speaker-of",
    metavar="COLUMN|folder",
    help="Who speaks: a column of --test-src, or 'folder' if each folder is one speaker. If a speaker has at least 5 "
    "recordings, each is compared with the speaker's other ones.",
)
@click.option("--batch-size", "--batch_size", type=click.IntRange(min=1), default=16, show_default=True)
@click.option(
    "--audio-maxlen",
    "--audio_maxlen",
    type=click.FloatRange(min=0.1),
    help="Longest piece of speech used at once, in seconds.",
)
@click.option(
    "--text-maxlen", "--text_maxlen", type=click.IntRange(min=1), help="Maximum length of a reply, in tokens."
)
@click.option(
    "--long",
    type=click.Choice(["cut", "windows"]),
    default="cut",
    show_default=True,
    help="What to do with longer recordings: cut them off, or reply once per window.",
)
@click.option(
    "--beams",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Number of beams; 1 means greedy decoding.",
)
@click.option(
    "--decode", type=click.Choice(["greedy", "scored"]), help="How to decode; replaces the model's own setting."
)
@click.option("--published", is_flag=True, help="Decode as the published code does: 5 beams, nucleus sampling at 0.9.")
@click.option(
    "--lora", type=click.IntRange(min=0), default=0, help="Rank of the LoRA adapters in --ckpt-path; 0 means none."
)
@click.option("--prompt", help="Text between speech and reply, for --ckpt-path; the published weights need none.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--seed", type=int, default=0, help="Random seed for --published.")
@click.option("--format", "form", type=click.Choice(["jsonl", "table"]), default="jsonl", show_default=True)
@click.option("--output", type=FILE, help="Write to this file instead of standard output.")
@click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback on failure.")
def app(audio: tuple[Path, ...], test_src: Path | None, form: str, output: Path | None, **chosen: Any) -> int:
    """Describe recordings: one reply for each recording, or for each window of it.

    AUDIO are files of any format that libsndfile reads, or folders of them.
    """
    if (chosen["model"] is None) == (chosen["ckpt_path"] is None):
        raise UsageError("expected either --model FOLDER or --ckpt-path 43.pth")
    recordings = annotate.find_recordings(audio, list_file=test_src, speaker_of=chosen["speaker_of"])
    failed = 0
    with _opened(output) as file:
        for reply in _model(chosen).reply_all(
            recordings, batch_size=chosen["batch_size"], longest_s=chosen["audio_maxlen"], long=chosen["long"],
            seed=chosen["seed"], beams=chosen["beams"], longest_tokens=chosen["text_maxlen"], decode=chosen["decode"],
            published=chosen["published"],
        ):  # fmt: skip
            failed += reply.error is not None
            console.show(_line(reply, form), file=file)
    if failed:
        console.show(f"{failed} of {len(recordings)} recordings have no reply; the lines say why", error=True)
    return 1 if failed else 0


def _line(reply: Any, form: str) -> str:
    if form == "jsonl":
        return json.dumps(reply.row(), ensure_ascii=False)
    text = reply.error if reply.error is not None else reply.reply
    stretch = f"{reply.start:.1f}-{reply.end:.1f} s"
    return f"{reply.id:<28} {stretch:<14} {reply.emotion or '-':<10} {text}"


def _model(chosen: dict[str, Any]) -> annotate.ReplyModel:
    named: Any = {name: chosen[name] for name in ("device", "encoder", "llm")}
    if chosen["model"] is not None:
        return annotate.load_model(chosen["model"], **named)
    further: Any = {name: chosen[name] for name in ("recipe", "lora", "prompt")}
    return annotate.load_checkpoint(chosen["ckpt_path"], **named, **further)


@contextlib.contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    from annotate.store import files

    with files.user_errors(output):
        output.parent.mkdir(parents=True, exist_ok=True)
        file = open(output, "w", encoding="utf-8")  # noqa: SIM115
    with file:
        yield file


def main(arguments: list[str] | None = None) -> Any:
    """Entry point; returns the exit code."""
    return command_line(app, sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    sys.exit(main())
