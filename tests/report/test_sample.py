"""The sample of measurements: groups and quantiles of all columns at once are those of NumPy, column by column."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as some

from annotate.report.charts import curve
from annotate.report.sample import Sample, quantiles

columns = some.lists(
    some.lists(some.floats(-1e6, 1e6) | some.just(float("nan")), min_size=6, max_size=6), min_size=1, max_size=4
)


@given(columns, some.lists(some.floats(0, 1), min_size=1, max_size=5))
def test_quantiles_are_numpys_without_what_is_lacking(values: list[list[float]], at: list[float]) -> None:
    counts, found = quantiles(np.array(values).T, at)
    for place, column in enumerate(np.array(values)):
        there = column[~np.isnan(column)]
        assert counts[place] == len(there)
        if len(there):
            assert np.allclose(found[:, place], np.quantile(there, at), rtol=1e-9, atol=1e-6)
        else:
            assert np.isnan(found[:, place]).all()


def test_no_rows_have_no_quantiles() -> None:
    counts, found = quantiles(np.empty((0, 2)), [0.5])
    assert counts.tolist() == [0, 0]
    assert np.isnan(found).all()
    assert found.shape == (1, 2)
    assert len(Sample()) == 0
    assert Sample().places("emotion") == {}


@given(some.lists(some.tuples(some.sampled_from("abc"), some.sampled_from("xy"), some.floats(0, 1)), max_size=12))
def test_every_row_is_in_the_place_of_its_group(rows: list[tuple[str, str, float]]) -> None:
    table = pa.table({
        "emotion": pa.array([row[0] for row in rows], pa.string()),
        "gender": pa.array([row[1] for row in rows], pa.string()),
        "jitter": pa.array([row[2] for row in rows], pa.float64()),
    })  # fmt: skip
    sample = Sample.of([table.slice(0, 5), table.slice(5)], ("emotion", "gender"), ("jitter", "shimmer"))
    assert sample.measures == ("jitter",)
    for names in (("emotion",), ("emotion", "gender")):
        for key, places in sample.places(*names).items():
            assert places.tolist() == [at for at, row in enumerate(rows) if row[: len(names)] == key]
        assert sum(map(len, sample.places(*names).values())) == len(rows)


def test_what_is_not_finite_was_not_measured_and_a_file_without_the_column_has_none() -> None:
    measured = pa.table({"emotion": ["a", "b"], "jitter": [float("inf"), 1.0]})
    sample = Sample.of([measured, pa.table({"emotion": ["a"]})], ("emotion",), ("jitter",))
    assert np.isnan(sample["jitter"]).tolist() == [True, False, True]


def test_a_curve_is_the_smoothed_histogram_of_its_values() -> None:
    from scipy.ndimage import gaussian_filter1d

    along = np.clip(np.random.default_rng(2).normal(0.4, 0.1, 50), 0, 1)
    counts, _ = np.histogram(along, 96, (0.0, 1.0))
    width = max(1.0, 0.55 * 96 * float(np.std(along)) * 50**-0.2)
    smooth = gaussian_filter1d(counts.astype(float), width, mode="constant")
    assert np.allclose(curve(along), smooth / smooth.max(), atol=1e-3)
    assert curve(np.full(9, 2.0)).tolist() == [0.0] * 96
