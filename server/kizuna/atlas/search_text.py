"""One spelling for search: width, kana, accents, case and long vowels are evened out, on both sides alike. Pure; no I/O.

The result is a key to compare by, never something to show. NFKC is Unicode Standard Annex #15; the rows of kana are
those of the Unicode blocks Hiragana and Katakana.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_KATAKANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_LETTERS = str.maketrans(
    {"ı": "i", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "þ": "th", "æ": "ae", "œ": "oe"}
)
_APOSTROPHES = re.compile("['’‘ʻʼ`´]")
_BREAKS = re.compile(r"[\W_]+")
_JOINED = re.compile("[・゠＝]")
_VU = (("ゔぁ", "ば"), ("ゔぃ", "び"), ("ゔぇ", "べ"), ("ゔぉ", "ぼ"), ("ゔ", "ぶ"))
_SMALL = str.maketrans("ぁぃぅぇぉゎ", "あいうえおわ")
_VOICED = {"\u3099", "\u309a"}
_VOWELS = {
    "あ": "あかさたなはまやらわがざだばぱゃ",
    "い": "いきしちにひみりぎじぢびぴ",
    "う": "うくすつぬふむゆるぐずづぶぷゅ",
    "え": "えけせてねへめれげぜでべぺ",
    "お": "おこそとのほもよろをごぞどぼぽょ",
}
_LONG = re.compile(
    f"(?<=[{_VOWELS['あ']}])あ|(?<=[{_VOWELS['い']}])い|(?<=[{_VOWELS['う']}])う"
    f"|(?<=[{_VOWELS['え']}])[えい]|(?<=[{_VOWELS['お']}])[おう]|ー"
)
_RUNS = re.compile(r"[a-z0-9]+|[぀-ヿ㐀-鿿豈-﫿々]+|[^\s]+")
_CJK = re.compile(r"[぀-ヿ㐀-鿿豈-﫿々]")
LONGEST = 300


@lru_cache(maxsize=4096)
def even(text: str) -> str:
    """The key of a text: words of Latin letters and runs of Japanese, parted by single blanks.

    Args:
        text: any text; only its first 300 characters count.
    """
    text = unicodedata.normalize("NFKC", text[:LONGEST]).casefold().translate(_LETTERS)
    text = _JOINED.sub("", _APOSTROPHES.sub("", text))
    text = "".join(
        c
        for c in unicodedata.normalize("NFD", text)
        if c in _VOICED or not unicodedata.category(c).startswith("M")
    )
    text = unicodedata.normalize("NFC", text).translate(_KATAKANA)
    text = _BREAKS.sub(" ", text.replace("ー", "\u30fc").replace("〜", " ")).strip()
    for spelt, plain in _VU:
        text = text.replace(spelt, plain)
    return _LONG.sub("", text.translate(_SMALL))


def tokens(key: str) -> tuple[str, ...]:
    """The words of a key: runs of Latin letters and digits, runs of Japanese, and runs of other scripts."""
    return tuple(_RUNS.findall(key))


def is_japanese(token: str) -> bool:
    """True for a run of kana and Chinese characters, which has no blanks between its words."""
    return bool(_CJK.match(token))


def pairs(token: str) -> tuple[str, ...]:
    """The pairs of neighbouring characters, with the ends marked where words are parted by blanks."""
    marked = token if is_japanese(token) else f"^{token}$"
    return tuple(marked[i : i + 2] for i in range(len(marked) - 1)) or (marked,)


def distance(a: str, b: str, most: int) -> int:
    """Letters to change, drop, add or swap with a neighbour to turn `a` into `b` (optimal string alignment).

    Args:
        most: the largest distance of interest; beyond it the answer is `most + 1`.
    """
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        following = [i]
        for j, y in enumerate(b, 1):
            cost = min(row[j] + 1, following[j - 1] + 1, row[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            following.append(cost)
        if min(following) > most:
            return most + 1
        before, row = row, following
    return min(row[-1], most + 1)


def allowed(token: str) -> int:
    """How many slips are forgiven in a word of this length."""
    length = len(token)
    if is_japanese(token):
        return 0 if length < 4 else 1
    return 0 if length < 4 else 1 if length < 8 else 2
