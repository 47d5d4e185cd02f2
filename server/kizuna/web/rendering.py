"""What makes templates quick: how they call functions and macros, and how they say messages. No I/O.

Jinja looks up at every call whether the callee wants the context, and takes three such calls to say a message; a page makes
thousands of calls and says a thousand messages. What comes out is the same, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from types import FunctionType
from typing import Any, Final

from flask import Flask
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape

from kizuna.web.current import language

Say = Callable[[str, str], str]
"""The translation of a message, by language and message."""

_PLAIN: Final = re.compile(r"(?:[^%]|%%|%\(\w+\)s)*")
"""A message that only ever puts texts into itself."""


class QuickContext(Context):
    """A template's context that calls plain functions and macros without looking up what they want."""

    def call(self, callee: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Call it as `jinja2.runtime.Context.call` does."""
        kind = type(callee)
        if kind is Macro or callee is self.environment.globals["_"]:
            args = (self.eval_ctx, *args)
        elif kind is not FunctionType or callee.__dict__:
            return super().call(callee, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        try:
            return callee(*args, **kwargs)
        except StopIteration:
            return self.environment.undefined("a callable raised a StopIteration exception")


@dataclass(frozen=True, slots=True)
class Message:
    """A translated message.

    Args:
        text: the translation.
        alone: what it says without any value, where it takes none.
        plain: whether it only puts texts into itself, so that they can be escaped beforehand.
    """

    text: str
    alone: Markup | None
    plain: bool


def speaker_of(say: Say) -> Callable[..., str]:
    """The function that says a message in templates: `_("…", name=value)`, in Jinja's newstyle.

    Args:
        say: the translation of a message; asked once for each.
    """

    @lru_cache(maxsize=4096)
    def message(code: str, key: str) -> Message:
        text = say(code, key)
        alone = None if "%(" in text else Markup(text % {})  # noqa: S704 (the catalogue's own words)
        return Message(text, alone, _PLAIN.fullmatch(text) is not None)

    @pass_eval_context
    def said(how: EvalContext, key: str, **values: Any) -> str:
        found = message(language(), key)
        if not how.autoescape:
            return found.text % values
        if found.alone is not None:
            return found.alone
        if found.plain:
            return Markup(found.text % {name: escape(value) for name, value in values.items()})  # noqa: S704 (each is escaped)
        return Markup(found.text) % values  # noqa: S704 (the catalogue's own words)

    return said


def install(app: Flask, say: Say) -> None:
    """Let an application's templates call and say quickly.

    Args:
        say: the translation of a message, by language and message.
    """
    app.jinja_env.context_class = QuickContext
    app.jinja_env.globals["_"] = speaker_of(say)
