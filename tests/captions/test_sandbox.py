"""Templates of strangers: each way to hang, to fill the memory, to reach out or to fail is one clear line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from annotate.captions import templates
from annotate.errors import UsageError

GIVEN: dict[str, Any] = {"emotion": "anger", "pitch": "high", "transcript": "Kids are talking", "names": ["a", "b"]}

# template -> what its line says
ENDLESS = {
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}": "takes too long",
    "{% for a in range(99999) %}" * 6 + "{% endfor %}" * 6: "takes too long",
    "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}": "calls itself without end",
    "{% set ns = namespace(n=0) %}{% for a in range(9999) %}{% for b in range(9999) %}"
    "{% set ns.n = ns.n + 1 %}{% endfor %}{% endfor %}": "takes too long",
    "{{ range(99999) | map('string') | list | length }}": "more than 10,000 items",
    "{% for a in names recursive %}{{ loop(names) }}{% endfor %}": "recursive loops",
}
LARGE = {
    "{{ 'x' * 10**10 }}": r"\*\*",
    "{{ 'x' * 10000000000 }}": "repeats",
    "{{ [1] * 1000000000 }}": "repeats",
    "{{ 10 ** 10 ** 10 }}": r"\*\*",
    "{{ 'x' | center(1000000000) }}": "No filter named 'center'",
    "{{ 'x'.ljust(1000000000) }}": "ljust",
    "{{ '{:1000000000}'.format(1) }}": "format",
    "{{ '%1000000000d' | format(1) }}": "width",
    "{{ '%1000000000d' % 1 }}": "width",
    "{{ '%*d' | format(1000000000, 1) }}": "width",
    "{{ (5).to_bytes(1000000000) }}": "to_bytes",
    "{% set a = 'x' * 9999 %}" + "{% set a = a ~ a %}" * 30 + "{{ a }}": "100,000 characters",
    "{% set a = 'x' * 9999 %}" + "{% set a = a + a %}" * 30 + "{{ a }}": "100,000 characters",
    "{% set a = ['x'] %}" + "{% set a = [a, a] %}" * 40 + "{{ a }}": "10,000 items",
    "{% set a = {'x': 1} %}" + "{% set a = {'x': a, 'y': a} %}" * 40 + "{{ a }}": "10,000 items",
    "{% set a = 'x' * 9999 %}{{ a | replace('x', a) }}": "100,000 characters",
    "{% set a = 'x' * 9999 %}{{ range(9999) | join(a) }}": "100,000 characters",
    "{% set a = 'x' * 9999 %}{% for i in range(99) %}{{ a }}{% endfor %}": "100,000 characters",
    "{{ lipsum(n=1000000000) }}": "lipsum",
}
REACHING = {
    "{% include '/etc/passwd' %}": "include",
    "{% include 'replies/paper.jinja2' %}": "include",
    "{% import 'x' as y %}": "import",
    "{% from 'x' import y %}": "import",
    "{% extends 'x' %}": "extends",
    "{{ ''.__class__.__mro__ }}": "unsafe",
    "{{ emotion.__class__ }}": "unsafe",
    "{{ cycler.__init__.__globals__ }}": "unsafe",
    "{{ names | random }}": "random",  # not the same rows in every run
    "{{ names.append('c') }}": "unsafe",
}
FAILING = {
    "{{ 1 / 0 }}": "ZeroDivisionError",
    "{{ 1 % 0 }}": "ZeroDivisionError",
    "{{ emotion + 1 }}": "TypeError",
    "{{ names[7] }}": "no element 7",
    "{{ emotion() }}": "not callable",
    "{{ '%d' | format('x') }}": "TypeError",
    "{{ nobody }}": "'nobody' is undefined",
    "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}": "nested too deeply",
    "{% if 1 %}" * 3000 + "{% endif %}" * 3000: "nested too deeply",
    "{% for a in names %}" * 40 + "{% endfor %}" * 40: "nested|too long",
    "{{ " + "9" * 5000 + " }}": "digits|too large",
    "{% for %}": "line 1",
}


@pytest.mark.parametrize("kind", [ENDLESS, LARGE, REACHING, FAILING], ids=["endless", "large", "reaching", "failing"])
def test_each_is_one_clear_line(kind: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "mine.jinja2"
    for text, wanted in kind.items():
        path.write_text(text)
        with pytest.raises(UsageError, match=wanted) as refused:
            templates.render(templates.source("replies", str(path)), "mine", **GIVEN)
        line = str(refused.value)
        assert "mine" in line
        assert len(line) < 400, text
        assert "unexpected" not in line


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{{ emotion | upper }}, {{ names | join(' and ') }}", "ANGER, a and b"),
        ("{% for n in names %}{{ loop.index }}/{{ loop.length }}{{ n }}{{ ', ' if not loop.last }}{% endfor %}",
         "1/2a, 2/2b"),
        ("{{ 'x' * 3 }}{{ 2 * 3 - 1 }}{{ '%.2f' | format(1 / 3) }}", "xxx50.33"),
        ("{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(emotion) }}{{ m(pitch) }}", "<anger><high>"),
        ("{% set (a, b) = ('l', 'r') %}{% for k, v in {'one': 1}.items() %}{{ a }}{{ k }}{{ v }}{{ b }}{% endfor %}",
         "lone1r"),
        ("{{ {'anger': 'cross'}.get(emotion, 'none') }} {{ transcript.split()[0].lower() }}", "cross kids"),
        ("{{ names | map('upper') | select('equalto', 'A') | list }}", "['A']"),
        ("{% if 'a' in names and emotion is defined %}yes{% endif %}{% set t %}in{% endset %}{{ t }}", "yesin"),
    ],
)  # fmt: skip
def test_what_templates_are_for_still_works(text: str, wanted: str) -> None:
    assert templates.render(text, "mine", **GIVEN) == wanted


def test_an_edge_of_the_bounds_is_the_same_in_every_run() -> None:
    inner = "{% for b in range(100) %}{{ b }}{% endfor %}"
    small, large = (f"{{% for a in range({n}) %}}{inner}{{% endfor %}}" for n in (100, 99_000))
    for _ in range(3):
        assert len(templates.render(small, "mine")) == 19_000
        with pytest.raises(UsageError, match=r"too long|100,000"):
            templates.render(large, "mine")
