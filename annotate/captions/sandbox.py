"""Templates of strangers, compiled and rendered at a bounded cost, without reach beyond the values they are given.

A template may come with a downloaded recipe. Jinja's sandbox keeps it from Python's insides; what it leaves open is
taken here: other files (``include``), memory (``"x" * 10**10``), time (loops within loops, ``10**10**10``), chance
(``random``). The cost of a template is counted in nodes of its syntax tree as they are run through, so that the same
template is refused on a slow machine and on a fast one.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import jinja2
import jinja2.sandbox
from jinja2 import nodes
from jinja2.filters import FILTERS as DEFAULT_FILTERS
from jinja2.visitor import NodeTransformer

from annotate.captions.hedge import hedged
from annotate.captions.sandbox_limits import (
    CHARACTERS_A_NODE,
    LONGEST_LIST,
    LONGEST_TEXT,
    MOST_NODES,
    MOST_SOURCE,
    Exceeded,
    active,
    bounded,
    spend,
)

REFUSED_TAGS = {
    nodes.Include: "include", nodes.Import: "import", nodes.FromImport: "from ... import", nodes.Extends: "extends",
    nodes.CallBlock: "call", nodes.Block: "block",
}  # fmt: skip
FILTERS = (
    "abs", "capitalize", "count", "d", "default", "dictsort", "first", "float", "format", "groupby", "int", "items",
    "join", "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace", "reverse",
    "round", "select", "selectattr", "sort", "string", "sum", "title", "trim", "truncate", "unique", "upper",
    "wordcount",
)  # fmt: skip
GLOBALS = ("range", "dict", "namespace", "joiner", "cycler")
# what a text can be asked for: nothing that pads or repeats it
TEXT_METHODS = {
    "capitalize", "casefold", "count", "endswith", "find", "index", "isalnum", "isalpha", "isdecimal", "isdigit",
    "islower", "isnumeric", "isspace", "istitle", "isupper", "lower", "lstrip", "partition", "removeprefix",
    "removesuffix", "rfind", "rindex", "rpartition", "rstrip", "split", "splitlines", "startswith", "strip",
    "swapcase", "title", "upper",
}  # fmt: skip
_WIDE_FORMAT = re.compile(r"\*|\d{3,}")


def _counted(value: Iterable[Any], cost: int) -> Iterator[Any]:
    """The items of a loop, each at the cost of its body."""
    for item in value:
        spend(cost)
        yield item


def _concatenated(parts: list[Any]) -> str:
    return str(bounded("".join(str(bounded(part)) for part in parts)))


def _filter(name: str) -> Callable[..., Any]:
    """Jinja's own filter, with bounds on what it is given and what it makes."""
    inner: Callable[..., Any] = DEFAULT_FILTERS[name]

    @functools.wraps(inner)
    def outer(*values: Any, **named: Any) -> Any:
        spend(1)
        plain = [_listed(value) if isinstance(value, Iterator) else bounded(value) for value in values]
        if name == "join":
            _check_joined(*plain[1:])
        elif name == "replace":
            _check_replaced(*[str(value) for value in plain[1:4]])
        elif name == "format":
            _check_format(plain[0])
        made = inner(*plain, **{key: bounded(value) for key, value in named.items()})
        return _listed(made) if isinstance(made, Iterator) else bounded(made)

    return outer


def _listed(values: Iterator[Any]) -> list[Any]:
    made: list[Any] = []
    for value in values:
        spend(1)
        made.append(value)
        if len(made) > LONGEST_LIST:
            raise Exceeded(f"makes a list of more than {LONGEST_LIST:,} items")
    return made


def _check_joined(values: Any, between: Any = "", *_: Any) -> None:
    if isinstance(values, (list, tuple)) and len(values) * (len(str(between)) + 1) > LONGEST_TEXT:
        raise Exceeded(f"makes a text of more than {LONGEST_TEXT:,} characters")


def _check_replaced(text: str, old: str = "", new: str = "") -> None:
    if (len(text) + 1) * len(new) > 100 * LONGEST_TEXT and text.count(old) * len(new) > LONGEST_TEXT:
        raise Exceeded(f"makes a text of more than {LONGEST_TEXT:,} characters")


def _check_format(text: Any) -> None:
    if isinstance(text, str) and _WIDE_FORMAT.search(text):
        raise Exceeded("formats to a width of more than 99 characters")


class _Metered(NodeTransformer):
    """Puts the counting into a template's syntax tree, and refuses what reaches out of it."""

    def __init__(self, environment: jinja2.Environment) -> None:
        self.environment = environment

    def visit(self, node: nodes.Node, *given: Any, **named: Any) -> Any:
        """A node with what it holds; refused tags are errors with their line."""
        tag = next((name for kind, name in REFUSED_TAGS.items() if isinstance(node, kind)), None)
        if tag is not None:
            raise jinja2.TemplateSyntaxError(f"{{% {tag} %}} is not allowed in these templates", node.lineno)
        return super().visit(node, *given, **named)

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - Jinja's names
        """A loop counts each round at the cost of its body."""
        if node.recursive:
            raise jinja2.TemplateSyntaxError("recursive loops are not allowed in these templates", node.lineno)
        cost = _cost(node)
        self.generic_visit(node)
        node.iter = self._called("_counted", node.iter, nodes.Const(cost))
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        """What is put together with ``~`` is bounded."""
        self.generic_visit(node)
        return self._called("_concatenated", nodes.List(node.nodes))

    def visit_List(self, node: nodes.Expr) -> nodes.Node:  # noqa: N802
        """What is put together in brackets is bounded."""
        self.generic_visit(node)
        return self._called("_bounded", node)

    visit_Dict = visit_List  # noqa: N815

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:  # noqa: N802
        """As a list; but not where it names what is assigned to."""
        self.generic_visit(node)
        return self._called("_bounded", node) if node.ctx == "load" else node

    def _called(self, name: str, value: Any, *arguments: nodes.Expr) -> nodes.Filter:
        made = nodes.Filter(value, name, list(arguments), [], None, None)
        made.set_lineno(value.lineno, override=True)
        made.set_environment(self.environment)
        return made


def _cost(node: nodes.Node) -> int:
    """Nodes below a node; long stretches of plain text count for several."""
    cost = 1
    for below in node.find_all(nodes.Node):
        cost += 1 + (len(below.data) // CHARACTERS_A_NODE if isinstance(below, nodes.TemplateData) else 0)
    return cost


class _Environment(jinja2.sandbox.ImmutableSandboxedEnvironment):
    """Jinja's sandbox with bounds."""

    intercepted_binops = frozenset(["+", "-", "*", "/", "//", "%", "**"])

    def __init__(self) -> None:
        super().__init__(
            undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False, optimized=False,
            finalize=bounded,
        )  # fmt: skip
        self.filters = {name: _filter(name) for name in FILTERS}
        self.filters |= {"_counted": _counted, "_concatenated": _concatenated, "_bounded": bounded, "hedged": hedged}
        self.globals = {name: self.globals[name] for name in GLOBALS}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Of texts and numbers only what cannot grow; of all else what the sandbox lets through."""
        if isinstance(obj, (str, bytes)):
            return isinstance(obj, str) and attr in TEXT_METHODS
        if isinstance(obj, (int, float, complex)):
            return False
        return bool(super().is_safe_attribute(obj, attr, value))

    def wrap_str_format(self, value: Any) -> Any:
        """``"...".format`` is left to the filter ``format``, whose widths are bounded."""
        return None

    def call(self, context: Any, function: Any, *values: Any, **named: Any) -> Any:
        """A call counts at the cost of the whole template: it may be a macro's."""
        macro = isinstance(function, jinja2.runtime.Macro)
        spend(active.call_cost if macro else 1)
        return bounded(super().call(context, function, *values, **named))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic whose result is no larger than a value may be, checked before it is computed."""
        spend(1)
        if operator == "**":
            raise Exceeded("uses **, which is not allowed in these templates")
        if operator == "*":
            _check_product(left, right)
        if operator == "%":
            _check_format(left)
        return bounded(super().call_binop(context, operator, left, right))


def _check_product(left: Any, right: Any) -> None:
    for value, times in ((left, right), (right, left)):
        if isinstance(value, (str, list, tuple)) and isinstance(times, int) and len(value) * times > LONGEST_LIST:
            raise Exceeded(f"repeats to more than {LONGEST_LIST:,}")


_environment = functools.cache(_Environment)


class Bounded:
    """A template, compiled.

    Args:
        source: its text.

    Raises:
        jinja2.TemplateSyntaxError: it does not parse, or uses what such templates may not.
    """

    def __init__(self, source: str) -> None:
        if len(source) > MOST_SOURCE:
            raise jinja2.TemplateSyntaxError(f"longer than {MOST_SOURCE:,} characters", 1)
        environment = _environment()
        try:
            tree = environment.parse(source)
            self._cost = _cost(tree)
            _Metered(environment).visit(tree)
            self._template = environment.from_string(tree)
        except (RecursionError, MemoryError, SyntaxError, ValueError, OverflowError) as error:
            reason = "nested too deeply" if isinstance(error, (RecursionError, MemoryError)) else str(error)
            raise jinja2.TemplateSyntaxError(reason, 1) from None

    def render(self, values: Mapping[str, Any]) -> str:
        """Fill the template in.

        Raises:
            jinja2.TemplateError: whatever it does wrong, endless loops and divisions by zero included.
        """
        outer = active.left, active.call_cost
        active.left, active.call_cost = MOST_NODES, self._cost
        made: list[str] = []
        size = 0
        try:
            for piece in self._template.generate(**values):
                made.append(piece)
                size += len(piece)
                if size > LONGEST_TEXT:
                    raise Exceeded(f"makes a text of more than {LONGEST_TEXT:,} characters")
        except jinja2.TemplateError:
            raise
        except RecursionError:
            raise Exceeded("calls itself without end") from None
        except Exception as error:  # whatever a template's expressions can raise is the template's error
            raise jinja2.TemplateRuntimeError(f"{type(error).__name__}: {error}") from None
        finally:
            active.left, active.call_cost = outer
        return "".join(made)
