"""What lies below an error of an HTTP library, and foreign words made fit for a message."""

from __future__ import annotations

__all__ = ["cause", "innermost", "one_line"]

_LONGEST_WORDS = 600


def one_line(text: str) -> str:
    """Make foreign words safe to print: one line, no control characters, not endless."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _LONGEST_WORDS else line[:_LONGEST_WORDS] + "…"


def _causes(error: BaseException) -> list[BaseException]:
    """List the errors that led to this one, from the outermost in: HTTP libraries wrap them several times."""
    found = [error]
    for current in found:
        # `reason` is urllib3's, `errors` elastic-transport's, which counts an error that it tried again among its own.
        inner = getattr(current, "errors", ())
        named = inner if isinstance(inner, tuple | list) else ()
        below = [getattr(current, "reason", None), *current.args, *named, current.__cause__, current.__context__]
        found += [one for one in below if isinstance(one, BaseException) and one not in found]
    return found


def cause(error: BaseException, kind: type[BaseException]) -> BaseException | None:
    """Give the first error of a kind among an error and all that led to it."""
    return next((one for one in _causes(error) if isinstance(one, kind)), None)


def innermost(error: BaseException) -> str:
    """Give the words of the error at the bottom: those above repeat them with addresses of objects in between."""
    last = _causes(error)[-1]
    return one_line(str(last)) or type(last).__name__
