"""What all commands share: exit codes, one-line errors, Ctrl-C."""

from __future__ import annotations

import contextlib
import shlex
import signal
import sys
import threading
import traceback
from collections.abc import Iterator

import click

from annotate import console
from annotate.errors import SemoError, UsageError


def command_line(app: click.Command, arguments: list[str]) -> int:
    """Run a command line.

    Returns:
        0 done, 1 a failure said in one line, 2 wrong usage, 130 stopped by Ctrl-C.
    """
    name = app.name or ""
    debug = "--debug" in arguments
    with _second_interrupt_ends():
        return _run(app, name, arguments, debug)


def _run(app: click.Command, name: str, arguments: list[str], debug: bool) -> int:
    try:
        code = app.main(arguments, standalone_mode=False, prog_name=name)
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        console.show_lines(error.format_message())
        return 2
    except click.ClickException as error:
        return _say(f"{error.format_message()} (see {name} --help)", 2, debug)
    except UsageError as error:
        return _say(str(error), 2, debug)
    except SemoError as error:
        return _say(str(error), 1, debug)
    except (KeyboardInterrupt, click.Abort):
        console.show(error=True)  # below the terminal's own ^C
        console.show(f"stopped; continue with: {name} {shlex.join(arguments)}", error=True)
        return 130
    except BrokenPipeError:  # the reader of our output has gone: nothing to say to it
        sys.stderr.close()
        return 1
    except Exception as error:
        what = " ".join(f"{type(error).__name__}: {error}".split())
        return _say(f"unexpected: {what}; --debug shows where, please report it", 1, debug)


@contextlib.contextmanager
def _second_interrupt_ends() -> Iterator[None]:
    """The first Ctrl-C stops in order; a second one, while that lasts, ends the process at once."""
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, stop)
    yield
    # not put back after a first Ctrl-C: clearing up goes on until the process has ended
    if signal.getsignal(signal.SIGINT) is stop:
        signal.signal(signal.SIGINT, before)


def _say(text: str, code: int, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    console.show(f"error: {text}", error=True)
    return code
