"""How long a report takes, against earlier versions: ``python -m benchmarks.report_speed OUTPUT``.

Each version writes ``report.html`` anew from a copy of the same finished output, in a fresh process that has loaded
what a run of several workers has loaded by then; what the report itself imports counts. Processor time, the versions in
turn. A version is a commit of this repository; the default is the last one before the report was first made faster. It
cannot read today's evidence and known errors, and so is spared their tables.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from benchmarks.table import Line, show

ROOT = Path(__file__).resolve().parents[1]
BEFORE = "f844b3b"
REACH = 1 / 3
# run with the root of a version as its folder: PYTHONPATH alone would leave the templates of another
CHILD = """
import importlib.util, json, sys, time
from pathlib import Path

import datasets, jinja2, numpy, pandas, pyarrow.parquet, pydantic, soundfile, yaml
import annotate.dataset.build, annotate.dataset.card, annotate.pipeline, annotate.products

if importlib.util.find_spec("annotate.attributes"):
    from annotate import attributes

    attributes.known()
folder = Path(sys.argv[1])
read = {name: json.loads((folder / f"{name}.json").read_text()) for name in ("summary", "scale", "evidence")}
manifest, recipe = (yaml.safe_load((folder / f"{name}.yaml").read_text()) for name in ("manifest", "recipe"))
began = time.process_time()
from annotate.report import page

more = {"pitch": recipe["features"]["pitch"], "licence": "a licence"}
if importlib.util.find_spec("annotate.report.overview"):  # earlier ones read evidence and errors in another form
    from annotate.features import headline_errors

    errors = headline_errors.by_column(recipe["features"], read["summary"]["rate_sources"])
    more |= {"evidence": read["evidence"], "errors": errors}
page.write(folder, read["summary"], read["scale"], manifest["label"]["names"], **more)
print("seconds", time.process_time() - began)
"""


@contextmanager
def version(commit: str) -> Iterator[Path]:
    """A folder with the files of a commit."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        added = subprocess.run(
            ["git", "-C", str(ROOT), "worktree", "add", "--detach", str(tree), commit],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if added.returncode:
            raise SystemExit(f"{commit}: no such commit here ({added.stderr.strip().splitlines()[-1]})")
        try:
            yield tree
        finally:
            subprocess.run(["git", "-C", str(ROOT), "worktree", "remove", "--force", str(tree)], check=False)


def seconds(tree: Path, output: Path) -> float:
    """Processor time of one report by the version in ``tree``, of a copy of ``output``."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "output"
        shutil.copytree(output, copy, ignore=shutil.ignore_patterns("work"))
        made = subprocess.run(
            [sys.executable, "-c", CHILD, str(copy)], cwd=tree, env=environment(tree),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    if made.returncode:
        raise SystemExit(f"{tree}: {made.stderr.strip().splitlines()[-1]}")
    return float(made.stdout.split()[-1])


def environment(tree: Path) -> Mapping[str, str]:
    """This process's, with the version's package first and one thread."""
    return {**os.environ, "PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1"}


def lines(output: Path, commits: Sequence[str], repetitions: int) -> list[Line]:
    with ExitStack() as trees:
        versions = {"this version": ROOT} | {commit: trees.enter_context(version(commit)) for commit in commits}
        spent: dict[str, list[float]] = {name: [] for name in versions}
        for repetition in range(repetitions + 1):  # the first fills the caches of the disk and of Python
            for name, tree in versions.items():
                took = seconds(tree, output)
                print(f"{name}: {took:.2f} s", file=sys.stderr, flush=True)
                if repetition:
                    spent[name].append(took)
    shown = [
        Line(f"report, {name}", median(times), unit="s", note=f"{min(times):.2f} to {max(times):.2f}")
        for name, times in spent.items()
    ]
    now = spent["this version"]
    for name in commits:
        ratio = median(mine / theirs for mine, theirs in zip(now, spent[name], strict=True))
        reach = REACH if name == BEFORE else None
        shown.append(Line(f"this version / {name}", ratio, reach, True, "x", f"{repetitions} repetitions in turn"))
    return shown


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path, help="the folder of a finished run")
    parser.add_argument("--against", action="append", help=f"a commit; again for more; default {BEFORE}")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    if not (chosen.output / "summary.json").is_file():
        raise SystemExit(f"{chosen.output}: is no finished output, summary.json is missing")
    return show(lines(chosen.output, chosen.against or [BEFORE], chosen.repetitions), chosen.json)


if __name__ == "__main__":
    sys.exit(main())
