"""How reading a manifest scales: seconds and memory per block of rows, for each form of table.

    python -m benchmarks.manifest_rows --rows 1000000 --form csv

Makes a table of that many rows that name a few small recordings, reads it into shards as a run does, then checks
it as ``semo-annotate check`` does, and prints seconds per 100,000 rows and the peak memory. Ends with 1 where
memory passes 500 MB or the last block takes more than 1.5 times the processor time of the first.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from annotate.corpora import check, corpus_rows
from annotate.corpora import data_manifest as manifests
from annotate.recipe_sections import CorpusSettings
from annotate.settings import Recipe
from annotate.store.shards import Store

BLOCK, SPEAKERS, LIMIT_MB, LIMIT_RATIO = 100_000, 500, 500, 1.5
NAMES = ("id", "path", "speaker", "gender", "emotion", "text")


def rows(count: int) -> Iterator[tuple[str, ...]]:
    for number in range(count):
        speaker = number % SPEAKERS
        sex, emotion = "FM"[speaker % 2], ("neutral", "happy", "sad", "angry")[number % 4]
        text = f"this is sentence number {number} of a long table of recordings"
        yield f"utterance-{number:08d}", f"wav/{number % 20}.wav", f"speaker{speaker:04d}", sex, emotion, text


def make(root: Path, form: str, count: int) -> None:
    (root / "wav").mkdir()
    for number in range(20):
        with wave.open(str(root / "wav" / f"{number}.wav"), "wb") as file:
            file.setparams((1, 2, 16000, 0, "NONE", ""))
            file.writeframes(b"\0\1" * 1600)
    if form == "parquet":
        schema = pa.schema([(name, pa.string()) for name in NAMES])
        with pq.ParquetWriter(root / "metadata.parquet", schema) as out:
            block: list[tuple[str, ...]] = []
            for number, row in enumerate(rows(count), 1):
                block.append(row)
                if len(block) == 50_000 or number == count:
                    out.write_table(pa.table(dict(zip(NAMES, zip(*block, strict=True), strict=True)), schema))
                    block = []
    elif form == "kaldi":
        lists = {name: open(root / name, "w") for name in ("wav.scp", "text", "utt2spk", "utt2emo")}  # noqa: SIM115
        for name, path, speaker, _, emotion, text in rows(count):
            for list_, value in (("wav.scp", path), ("text", text), ("utt2spk", speaker), ("utt2emo", emotion)):
                lists[list_].write(f"{name} {value}\n")
        for opened in lists.values():
            opened.close()
        (root / "spk2gender").write_text("".join(f"speaker{n:04d} {'fm'[n % 2]}\n" for n in range(SPEAKERS)))
    else:
        import json

        with open(root / f"metadata.{form}", "w") as table:
            if form == "csv":
                table.write(",".join(NAMES) + "\n")
            for row in rows(count):
                table.write(
                    ",".join(row) + "\n" if form == "csv" else json.dumps(dict(zip(NAMES, row, strict=True))) + "\n"
                )


class Timed(Store):
    """A store that notes when each block of rows has been written."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.rows, self.began, self.blocks, self.worked = 0, time.perf_counter(), [0.0], [time.process_time()]

    def write(self, part: str, shard: int, table: Any, *rest: Any) -> Any:  # noqa: D102
        done = super().write(part, shard, table, *rest)
        self.rows += table.num_rows
        if self.rows >= BLOCK * len(self.blocks):
            self.blocks.append(time.perf_counter() - self.began)
            self.worked.append(time.process_time())
        return done


def memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1024)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--form", choices=("csv", "jsonl", "parquet", "kaldi"), default="csv")
    parser.add_argument("--shard-rows", type=int, default=128)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "corpus"
        root.mkdir()
        make(root, chosen.form, chosen.rows)
        name = "kaldi" if chosen.form == "kaldi" else "table"
        manifest = manifests.load(name)
        reader, request = corpus_rows.request_of(manifest, root, {})
        store = Timed(Path(folder) / "work")
        before = memory_mb()
        index = corpus_rows.read(store, manifest, reader, request, chosen.shard_rows, "bench")
        blocks = [round(after - earlier, 2) for earlier, after in zip(store.blocks, store.blocks[1:], strict=False)]
        print(f"{chosen.form}: {index.rows} rows in {index.shards} shards, {store.blocks[-1]:.1f} s")
        worked = [round(after - earlier, 2) for earlier, after in zip(store.worked, store.worked[1:], strict=False)]
        print(f"seconds per {BLOCK} rows: {' '.join(map(str, blocks))}")
        print(f"of the processor: {' '.join(map(str, worked))}")
        print(f"peak memory after reading: {memory_mb():.0f} MB ({before:.0f} MB before)")
        recipe = Recipe(name="bench", corpus=CorpusSettings(manifest=name, root=root), output=Path(folder) / "out")
        began = time.perf_counter()
        found = check.check(recipe)
        print(f"check: {found.rows} rows, {time.perf_counter() - began:.1f} s; peak memory {memory_mb():.0f} MB")
    ratio = worked[-1] / worked[0] if worked else 1.0  # neighbours on the machine do not count
    held = memory_mb() < LIMIT_MB and ratio < LIMIT_RATIO
    print(f"last block / first block: {ratio:.2f} (reach: {LIMIT_RATIO}); memory (reach: {LIMIT_MB} MB)")
    print("held" if held else "MISSED")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
