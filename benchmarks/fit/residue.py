"""Fit ``annotate/captions/reading/residue.json``: what words left of a caption weigh for telling something unmeasured.

``python -m benchmarks.fit.residue --write annotate/captions/reading/residue.json``

Two logistic regressions. The first weighs words, pairs of neighbours and the number of unknown words in all captions of
``tests/data/claims/regression`` and ``fitted`` that contradict nothing, and in the pieces of captions of
``fragments``, which hold many more wordings for as many words. The second settles how far to believe it and
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
from numpy.typing import NDArray

from annotate import attributes
from annotate.captions.content_selection import select
from annotate.captions.grammar import draw
from annotate.captions.reading import lexicon as lexicons
from annotate.captions.reading import residue
from annotate.captions.reading.claim import Claim
from annotate.captions.reading.clauses import Units
from annotate.captions.reading.judge import judge, value
from annotate.captions.reading.markup import keyed
from annotate.captions.reading.read import analyse
from annotate.captions.supported_reasons import Evidence
from annotate.captions.wording import wording
from benchmarks.fit.files import write_json

Floats = NDArray[np.float64]
CLAIMS = Path(__file__).resolve().parents[2] / "tests" / "data" / "claims"
OWN_CAPTIONS = 4000  # captions of our own, drawn at random
HEDGED = 0.3  # share of their words that are doubtful, and hedged
RAREST = 3  # captions that hold a piece of evidence, at least
C_WORDS, C_SETTLING = 1.0, 1.0  # scikit-learn's C of the two regressions
FITTED_WEIGHT = 2.0  # a caption of ``fitted`` beside one of ``regression`` or of ``fragments``
FOLDS = 5
SMALLEST = 0.02  # weights below it are left out
# the files hold more captions that tell something unmeasured than the world does: three in ten, where none was ordered
PRIOR = 0.28
CERTAIN, ENOUGH = 0.93, 50  # share of captions with a kind of find that tell something, and how many tell it
ALARM_COSTS = 0.85  # a false alarm that words alone raise, where an unmeasured thing that is let pass costs 1


@dataclass(frozen=True)
class Labelled:
    """A caption that contradicts nothing, as rules read it.

    Attributes:
        file: where it stands.
        evidence: what may be weighed.
        circumstances: what is weighed beside it.
        tells: whether its label says that it tells something unmeasured.
        decided: whether its claims alone decide its verdict, so that nothing here changes it.
    """

    file: str
    evidence: tuple[residue.Evidence, ...]
    circumstances: Mapping[str, float]
    tells: bool
    decided: bool


def labelled(folder: Path) -> Iterator[Labelled]:
    """Every caption of a folder that its label does not call a contradiction."""
    for file, row in _rows(folder):
        if row["verdict"] == "contradiction":
            continue
        label = value("emotion", row["emotion"])
        parts = analyse(keyed(row["caption"]), row["transcript"], lexicons.labelled(lexicons.load(), label))
        decided = judge(parts.claims, row).verdict in ("contradiction", "unsupported")
        yield _labelled(file, *parts.left_of(label), tells=row["verdict"] == "unsupported", decided=decided)


def labelled_fragments(folder: Path) -> Iterator[Labelled]:
    """Every piece of a caption of a folder, with whether it tells something unmeasured."""
    for file, row in _rows(folder):
        parts = analyse(keyed(row["text"]), None, lexicons.load())
        yield _labelled(file, *parts.left_of(None), tells=row["tells"], decided=False)


def _rows(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            yield path.stem, json.loads(line)


def _labelled(file: str, units: Units, rules: Sequence[Claim], *, tells: bool, decided: bool) -> Labelled:
    return Labelled(file, tuple(residue.evidence(units)), residue.circumstances(units, rules), tells, decided)


def evidence_of_our_own(count: int) -> set[residue.Evidence]:
    """What captions hold that the grammar draws for rows of random words."""
    chance, table, held = random.Random(0), attributes.table("all", levels=5), set[residue.Evidence]()
    words = {
        attributes.word_column(name, against): table.words(name)
        for name, attribute in table.items()
        for against in ("group", *attribute.against)
    }
    for number in range(count):
        row: dict[str, Any] = {name: chance.choice([*values, None]) for name, values in words.items()}
        emotion = chance.choice([*wording()["emotion"]])
        hedged = [name for name in words if row[name] is not None and chance.random() < HEDGED]
        row |= {"gender": chance.choice(["female", "male"]), "emotion": emotion, "hedged": hedged}
        senses = {
            name: {word: chance.choice(["for", "silent", "against"]) for word in values}
            for name, values in words.items()
        }
        sizes = {name: {word: chance.random() for word in values} for name, values in words.items()}
        telling = select(row, table, Evidence({emotion: senses}, {emotion: sizes}))
        style = chance.choice(["explanation", "description"])
        caption = " ".join(draw(row, telling, style=style, row_id=str(number)))
        known = lexicons.labelled(lexicons.load(), value("emotion", emotion))
        held.update(residue.evidence(analyse(caption, None, known).units))
    return held


def columns(captions: Sequence[Labelled]) -> dict[residue.Evidence, int]:
    """The evidence that is weighed -> its column."""
    ours = evidence_of_our_own(OWN_CAPTIONS)
    counts = Counter(each for caption in captions for each in caption.evidence)
    frequent = [each for each, count in counts.items() if count >= RAREST and each not in ours]
    return {each: at for at, each in enumerate(sorted(frequent, key=residue.name_of))}


def matrix(captions: Sequence[Labelled], column: Mapping[residue.Evidence, int]) -> Any:
    """Captions by evidence, sparse."""
    from scipy.sparse import csr_matrix

    rows, places, values = list[int](), list[int](), list[float]()
    for at, caption in enumerate(captions):
        held = [column[each] for each in caption.evidence if each in column]
        rows += [at] * len(held)
        places += held
        values += [residue.scaled(len(caption.evidence))] * len(held)
    return csr_matrix((values, (rows, places)), shape=(len(captions), len(column)))


def weighed(evidence: Any, tells: Floats, counts: Floats) -> tuple[Floats, float]:
    """Weights of the evidence, most of them 0, and the bias."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(penalty="l1", C=C_WORDS, solver="liblinear", max_iter=500, random_state=0)
    fitted.fit(evidence, tells, sample_weight=counts)
    return fitted.coef_[0], float(fitted.intercept_[0])


def fit(regression: Sequence[Labelled], fragments: Sequence[Labelled], fitted: Sequence[Labelled]) -> residue.Residue:
    """Both regressions."""
    unsettled = [*regression, *fragments]
    every = [*unsettled, *fitted]
    column = columns(every)
    evidence, tells = matrix(every, column), np.array([caption.tells for caption in every], float)
    counts = np.array([1.0] * len(unsettled) + [FITTED_WEIGHT] * len(fitted))
    files = sorted({caption.file for caption in fitted})
    group = np.array([-1] * len(unsettled) + [files.index(caption.file) % FOLDS for caption in fitted])
    unseen = np.zeros(len(every))  # log odds by regressions that have not seen the caption's writer
    for fold in range(FOLDS):
        weights, bias = weighed(evidence[group != fold], tells[group != fold], counts[group != fold])
        unseen[group == fold] = evidence[group == fold] @ weights + bias
    weights, bias = weighed(evidence, tells, counts)
    kept = {each: round(float(weights[at]), 2) for each, at in column.items() if abs(weights[at]) >= SMALLEST}
    return residue.Residue(kept, round(bias, 3), *settled(fitted, unseen[len(unsettled) :]), certain(fitted))


def certain(fitted: Sequence[Labelled]) -> frozenset[str]:
    """Kinds of unmeasured things that are hardly ever found where nothing is told, alone or with others."""
    finds = [(name, caption.tells) for caption in fitted if not caption.decided for name in caption.circumstances]
    found, true = Counter(name for name, _ in finds), Counter(name for name, tells in finds if tells)
    kinds = (name for name in found if name.startswith("rule ") and true[name] >= ENOUGH)
    return frozenset(name.removeprefix("rule ") for name in kinds if true[name] >= CERTAIN * found[name])


def settled(fitted: Sequence[Labelled], unseen: Floats) -> tuple[dict[str, float], float]:
    """Weights of the evidence as a whole and of the circumstances, and the log odds above which words alone tell."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold, cross_val_predict

    kinds = sorted({name for caption in fitted for name in caption.circumstances})
    pairs = [(caption, log_odds) for caption, log_odds in zip(fitted, unseen, strict=True) if not caption.decided]
    seen = [[log_odds, *(caption.circumstances.get(kind, 0.0) for kind in kinds)] for caption, log_odds in pairs]
    tells = np.array([caption.tells for caption, _ in pairs])
    regression = LogisticRegression(C=C_SETTLING, max_iter=5000).fit(seen, tells)
    here = float(tells.mean())
    above = math.log(here / (1 - here)) - math.log(PRIOR / (1 - PRIOR)) + math.log(ALARM_COSTS)
    rules = np.array([bool(caption.circumstances["rules"]) for caption, _ in pairs])
    writers = [caption.file for caption, _ in pairs]
    log_odds = cross_val_predict(
        regression, seen, tells, groups=writers, cv=GroupKFold(FOLDS), method="decision_function"
    )
    _print_shares(log_odds > np.where(rules, 0, above), tells, rules)
    weights = dict(zip([*("evidence", *kinds), "bias"], [*regression.coef_[0], *regression.intercept_], strict=True))
    return {name: round(float(weight), 3) for name, weight in weights.items()}, round(above, 3)


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
    regression, fragments = [*labelled(CLAIMS / "regression")], [*labelled_fragments(CLAIMS / "fragments")]
    made = fit(regression, fragments, [*labelled(asked.fitted)])
    weights = {residue.name_of(each): weight for each, weight in made.weights.items()}
    settling = dict(made.settling)
    content = {"bias": made.bias, "above": made.above, "settling": settling, "certain": sorted(made.certain)}
    write_json(asked.write, {**content, "weights": weights})
    print(f"{len(made.weights)} weights, {asked.write.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
