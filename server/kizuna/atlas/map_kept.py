"""Keeps what was computed from a view, beside the remembered answers it was computed from. Holds memory only; no I/O."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast
from weakref import WeakKeyDictionary

from kizuna.atlas.reader import AnswerMemory, Reader

T = TypeVar("T")
MOST = 64

_kept: WeakKeyDictionary[AnswerMemory, OrderedDict[Hashable, object]] = WeakKeyDictionary()
_lock = threading.Lock()


def kept(reader: Reader, key: Hashable, make: Callable[[], T]) -> T:
    """What `make` gives, remembered for the reader's view and `key` (which names all that it depends on).

    A reader without a memory remembers nothing. Two that ask at once may both compute; the result is the same.
    """
    if reader.memory is None:
        return make()
    whole = (reader.token, key)
    with _lock:
        shelf = _kept.setdefault(reader.memory, OrderedDict())
        if whole in shelf:
            shelf.move_to_end(whole)
            return cast(T, shelf[whole])
    made = make()
    with _lock:
        shelf[whole] = made
        while len(shelf) > MOST:
            shelf.popitem(last=False)
    return made
