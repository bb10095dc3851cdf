"""Fit ``annotate/captions/reading/residue.yaml``: what words left of a caption weigh for telling something unmeasured.

``python -m benchmarks.fit.residue --write annotate/captions/reading/residue.yaml``

Two logistic regressions. The first weighs words, their kinds and pairs of neighbours in all captions of
``tests/data/claims/regression`` and ``fitted`` that contradict nothing. The second settles how far to believe it and
the rules: on ``fitted`` alone, since the rules were mended on the other files, and with evidence from regressions that
had not seen the caption's writer. Words and pairs of our own captions weigh nothing.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from annotate import attributes
from annotate.captions.content_selection import select
from annotate.captions.grammar import draw
from annotate.captions.reading import residue
from annotate.captions.reading.claim import Claim
from annotate.captions.reading.clauses import Units
from annotate.captions.reading.judge import judge, value
from annotate.captions.reading.read import Parts, analyse, keyed
from annotate.captions.supported_reasons import Evidence
from annotate.captions.wording import wording

Floats = NDArray[np.float64]
CLAIMS = Path(__file__).resolve().parents[2] / "tests" / "data" / "claims"
OWN_CAPTIONS = 4000  # captions of our own, drawn at random
RAREST = 3  # captions that hold a piece of evidence, at least
C_WORDS, C_SETTLING = 1.0, 1.0  # scikit-learn's C of the two regressions
FITTED_WEIGHT = 2.0  # a caption of ``fitted`` beside one of ``regression``
FOLDS = 5
SMALLEST = 0.02  # weights below it are left out
# the files hold more captions that tell something unmeasured than the world does: three in ten, where none was ordered
PRIOR = 0.28
ALARM_COSTS = 2.0  # a false alarm that words alone raise, where an unmeasured thing that is let pass costs 1


@dataclass(frozen=True)
class Labelled:
    """A caption that contradicts nothing, as rules read it.

    Attributes:
        file: where it stands.
        units: its units.
        rules: what rules take for unmeasured.
        tells: whether its label says that it tells something unmeasured.
        contradicts: whether rules take it for a contradiction, so that nothing here changes its verdict.
        other: whether it is unsupported for another reason, such as a further emotion.
    """

    file: str
    units: Units
    rules: list[Claim]
    tells: bool
    contradicts: bool
    other: bool


def labelled(folder: Path) -> Iterator[Labelled]:
    """Every caption of a folder that its label does not call a contradiction."""
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            if row["verdict"] == "contradiction":
                continue
            label = value("emotion", row["emotion"])
            parts = analyse(keyed(row["caption"]), row["transcript"], label=label)
            verdict = judge(parts.claims, row).verdict
            rules = [claim for claim in parts.unmeasured if label not in claim.suggests]
            tells = row["verdict"] == "unsupported"
            yield Labelled(path.stem, parts.units, rules, tells, verdict == "contradiction", verdict == "unsupported")


def of_our_own(count: int) -> Iterator[Parts]:
    """Captions that the grammar draws for rows of random words."""
    chance, table = random.Random(0), attributes.table("all", levels=5)
    words = {
        attributes.word_column(name, against): table.words(name)
        for name, attribute in table.items()
        for against in ("group", *attribute.against)
    }
    for number in range(count):
        row: dict[str, Any] = {name: chance.choice([*values, None]) for name, values in words.items()}
        emotion = chance.choice([*wording()["emotion"]])
        row |= {"gender": chance.choice(["female", "male"]), "emotion": emotion, "hedged": []}
        senses = {
            name: {word: chance.choice(["for", "silent", "against"]) for word in values}
            for name, values in words.items()
        }
        sizes = {name: {word: chance.random() for word in values} for name, values in words.items()}
        telling = select(row, table, Evidence({emotion: senses}, {emotion: sizes}))
        style = chance.choice(["explanation", "description"])
        yield analyse(
            " ".join(draw(row, telling, style=style, row_id=str(number))), None, label=value("emotion", emotion)
        )


def columns(captions: Sequence[Labelled]) -> dict[residue.Evidence, int]:
    """The evidence that is weighed -> its column."""
    mine = {each for parts in of_our_own(OWN_CAPTIONS) for each in residue.evidence(parts.units)}
    counts = Counter(each for caption in captions for each in residue.evidence(caption.units))
    weighed = [each for each, count in counts.items() if count >= RAREST and each not in mine]
    return {each: at for at, each in enumerate(sorted(weighed, key=residue.name_of))}


def matrix(captions: Sequence[Labelled], column: Mapping[residue.Evidence, int]) -> Any:
    """Captions by evidence, sparse."""
    from scipy.sparse import csr_matrix

    rows, places, values = list[int](), list[int](), list[float]()
    for at, caption in enumerate(captions):
        names = residue.evidence(caption.units)
        held = [column[name] for name in names if name in column]
        rows += [at] * len(held)
        places += held
        values += [residue.scaled(len(names))] * len(held)
    return csr_matrix((values, (rows, places)), shape=(len(captions), len(column)))


def weighed(evidence: Any, tells: Floats, counts: Floats) -> tuple[Floats, float]:
    """Weights of the evidence, most of them 0, and the bias."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(penalty="l1", C=C_WORDS, solver="liblinear", max_iter=500, random_state=0)
    fitted.fit(evidence, tells, sample_weight=counts)
    return fitted.coef_[0], float(fitted.intercept_[0])


def fit(regression: Sequence[Labelled], fitted: Sequence[Labelled]) -> residue.Residue:
    """Both regressions."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold, cross_val_predict

    every = [*regression, *fitted]
    column = columns(every)
    evidence, tells = matrix(every, column), np.array([caption.tells for caption in every], float)
    counts = np.array([1.0] * len(regression) + [FITTED_WEIGHT] * len(fitted))
    files = sorted({caption.file for caption in fitted})
    group = np.array([-1] * len(regression) + [files.index(caption.file) % FOLDS for caption in fitted])
    unseen = np.zeros(len(every))
    for fold in range(FOLDS):
        weights, bias = weighed(evidence[group != fold], tells[group != fold], counts[group != fold])
        unseen[group == fold] = evidence[group == fold] @ weights + bias
    unseen = unseen[len(regression) :]
    weights, bias = weighed(evidence, tells, counts)
    kinds = sorted({name for caption in fitted for name in residue.circumstances(caption.units, caption.rules)})
    undecided = [at for at, caption in enumerate(fitted) if not (caption.contradicts or caption.other)]
    seen = [
        [unseen[at], *(residue.circumstances(fitted[at].units, fitted[at].rules).get(kind, 0.0) for kind in kinds)]
        for at in undecided
    ]
    labels = [fitted[at].tells for at in undecided]
    settled = LogisticRegression(C=C_SETTLING, max_iter=5000).fit(seen, labels)
    settling = dict(zip(["evidence", *kinds], settled.coef_[0].tolist(), strict=True))
    here = float(np.mean(labels))
    above = math.log(here / (1 - here)) - math.log(PRIOR / (1 - PRIOR)) + math.log(ALARM_COSTS)
    rules = np.array([bool(fitted[at].rules) for at in undecided])
    writers = [fitted[at].file for at in undecided]
    log_odds = cross_val_predict(
        LogisticRegression(C=C_SETTLING, max_iter=5000), seen, labels, groups=writers, cv=GroupKFold(FOLDS),
        method="decision_function",
    )  # fmt: skip
    _print_shares(log_odds > np.where(rules, 0, above), np.array(labels), rules)
    kept = {each: round(float(weights[at]), 2) for each, at in column.items() if abs(weights[at]) >= SMALLEST}
    return residue.Residue(
        kept, round(bias, 3), {name: round(weight, 3) for name, weight in settling.items()}
        | {"bias": round(float(settled.intercept_[0]), 3)}, round(above, 3),
    )  # fmt: skip


def _print_shares(taken: NDArray[np.bool_], tells: NDArray[np.bool_], rules: NDArray[np.bool_]) -> None:
    """What is found and what is refused by regressions that have not seen the caption's writer."""
    for name, by in (("rules alone", rules), ("rules and evidence", taken)):
        found, refused = by[tells], by[~tells]
        print(f"{name}: {found.mean():.1%} of {len(found)} found, {refused.mean():.1%} of {len(refused)} refused")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=Path, required=True)
    parser.add_argument("--fitted", type=Path, default=CLAIMS / "fitted", help="folder of captions to settle on")
    asked = parser.parse_args()
    made = fit([*labelled(CLAIMS / "regression")], [*labelled(asked.fitted)])
    weights = {residue.name_of(each): weight for each, weight in made.weights.items()}
    content = {"bias": made.bias, "above": made.above, "settling": dict(made.settling), "weights": weights}
    head = "# Fitted: python -m benchmarks.fit.residue. See residue.py for what the names mean.\n"
    asked.write.write_text(head + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=1000), "utf-8")
    print(f"{len(made.weights)} weights, {asked.write.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
