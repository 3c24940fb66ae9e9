"""The edge of the command line: every error is one sentence and an exit status, never a traceback.

0 all well, 1 a check fails or a derived formula is refuted, 2 wrong usage or bad input, 3 undecided or
internal; 130 and 141 are the shell's own numbers for an interrupt and a closed pipe.
"""

from __future__ import annotations

import errno
import os
import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import click

__all__ = ["Face", "IdentityCommand", "one_line", "warnings_as_lines"]

# What bad input raises.  A class of a module that was never imported cannot have been raised.
_BAD_INPUT = (
    ("s2n_proofs.parsing", "ParseError"),
    ("s2n_proofs.schedule", "ScheduleError"),
    ("s2n_proofs.checking", "IdentityError"),
    ("s2n_proofs.ledger.registry", "UnknownClaimError"),
    ("s2n_proofs.ledger.user", "LedgerFileError"),
    ("s2n_proofs.report.files", "FileError"),
    ("numerics.audit.implementation", "AuditError"),
    ("numerics.arguments", "KernelError"),
    ("numerics.planning.errors", "PlanError"),
    ("numerics.data.law", "DataError"),
    ("numerics.montecarlo.chunks", "ResumeError"),
    ("numerics.montecarlo.session", "DeviceError"),
    ("numerics.sampling.errors", "SamplerError"),
    ("numerics.experiments.errors", "ExperimentError"),
    ("s2n_proofs.site.sources", "SiteError"),
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_LONGEST = 600
_UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EBADF, errno.EFBIG}


def one_line(message: object) -> str:
    r"""A message as one line that is safe to print, cut where an argument of 10^5 characters is quoted in it.

    Examples
    --------
    >>> one_line("no such\n  file: \x1b[31mred")
    'no such file: [31mred'
    """
    text = " ".join(_CONTROL.sub(" ", str(message)).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 40]} ... {text[-30:]}"


class BadInput(click.ClickException):
    """What was given cannot be used; the usage is right, so that no help is offered."""

    exit_code = 2

    def __init__(self, message: str, who: str) -> None:
        super().__init__(message)
        self.who = who


class Face(click.Group):
    """A group of commands whose errors are one line on stderr."""

    def main(  # type: ignore[override]  # it always leaves with a status, whatever standalone_mode says
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run a command and leave with its exit status."""
        extra.pop("standalone_mode", None)
        if sys.stdout is None:  # `s2n ... >&-`
            _say("s2n", "cannot write to stdout: it is closed")
            sys.exit(2)
        for stream in (sys.stdout, sys.stderr):
            # A mark that the terminal's encoding lacks is printed as its number.
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        try:
            status = super().main(args, prog_name or "s2n", standalone_mode=False, **extra)
            sys.stdout.flush()
        except click.Abort:
            _say("s2n", "interrupted")
            status = 130
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            status = error.exit_code
        except click.ClickException as error:
            context = getattr(error, "ctx", None) or click.get_current_context(silent=True)
            path = context.command_path if context else "s2n"
            hint = f" (see {path} --help)" if isinstance(error, click.UsageError) else ""
            _say(getattr(error, "who", path), f"{error.format_message()}{hint}")
            status = error.exit_code
        except BrokenPipeError:
            status = _closed_pipe()
        except OSError as error:
            status = _unwritable(error)
        sys.exit(status if isinstance(status, int) else 0)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the arguments; ``--help`` prints here."""
        try:
            return super().make_context(*args, **extra)
        except BrokenPipeError:
            raise click.exceptions.Exit(_closed_pipe()) from None
        except OSError as error:
            raise click.exceptions.Exit(_unwritable(error)) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn what it raises into a sentence and an exit status."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except BrokenPipeError:
            # Here and not in `main`, because click answers it with 1, which means "refuted" in this program.
            ctx.exit(_closed_pipe())
        except Exception as error:
            if isinstance(error, _bad_input()):
                raise BadInput(str(error), f"s2n {ctx.invoked_subcommand}") from error
            if os.environ.get("S2N_DEBUG"):
                raise
            if isinstance(error, OSError):
                ctx.exit(_unwritable(error))
            said = one_line(error)
            _say("s2n", f"internal error: {type(error).__name__}: {said} (set S2N_DEBUG=1 for the traceback)")
            ctx.exit(3)


class IdentityCommand(click.Command):
    """A command whose argument is an identity, which may begin with a minus sign."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read ``-f(t) = ...`` as the identity; there is no option of one dash with an equals sign in it."""
        if "--" not in args:
            signed = [arg for arg in args if re.match(r"-[^-].*=", arg, re.DOTALL)]
            args = [arg for arg in args if arg not in signed] + (["--", *signed] if signed else [])
        return super().parse_args(ctx, args)


@contextmanager
def warnings_as_lines() -> Iterator[None]:
    """Show a schedule's warnings as one plain line each on stderr."""
    from ..schedule import UncertifiedWarning

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        _say("s2n: warning", message)

    with warnings.catch_warnings():
        warnings.simplefilter("always", UncertifiedWarning)
        warnings.showwarning = show
        yield


def _bad_input() -> tuple[type[BaseException], ...]:
    return tuple(getattr(sys.modules[module], name) for module, name in _BAD_INPUT if module in sys.modules)


def _say(who: str, message: object) -> None:
    click.echo(f"{who}: {one_line(message)}", err=True)


def _closed_pipe() -> int:
    # The reader has gone (`s2n verify | head -1`): nothing to say.
    _drop_output()
    return 141


def _unwritable(error: OSError) -> int:
    """Say that stdout takes no more (a full disk), or what else the system refused; not a mistake of this package."""
    if error.errno in _UNWRITABLE and error.filename is None:
        _drop_output()
        _say("s2n", f"cannot write to stdout: {error.strerror}")
        return 2
    _say("s2n", error)
    return 3


def _drop_output() -> None:
    # Nothing may be flushed at the end: Python would complain, and leave with a status of its own.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
