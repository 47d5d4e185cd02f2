"""What each OWL 2 RL rule says, in both languages. Pure data and text.

`{0}`, `{1}` … are the terms of the compiled rule (see `Rule.terms`), `{chain}` all but the first.
"""

from __future__ import annotations

import re
from typing import Final
from typing import Literal as TypingLiteral

Language = TypingLiteral["ja", "en"]

LABELS: Final[dict[str, tuple[str, str]]] = {
    "cax-sco": ("下位クラス", "subclass"),
    "cax-eqc1": ("同値のクラス", "equivalent classes"),
    "cax-eqc2": ("同値のクラス", "equivalent classes"),
    "cls-int1": ("条件による定義", "definition by conditions"),
    "cls-int2": ("定義に含まれる条件", "condition in a definition"),
    "cls-uni": ("いずれかによる定義", "definition by alternatives"),
    "cls-svf1": ("相手の種類による定義", "definition by a partner's kind"),
    "cls-svf2": ("相手の存在による定義", "definition by having a partner"),
    "cls-avf": ("相手の種類の限定", "restriction on partners"),
    "cls-hv1": ("種類に備わる値", "value that a kind implies"),
    "cls-hv2": ("値による定義", "definition by a value"),
    "cls-oo": ("列挙による定義", "definition by enumeration"),
    "cls-maxc2": ("高々一つ", "at most one"),
    "cls-maxqc2": ("高々一つ", "at most one"),
    "prp-dom": ("定義域", "domain"),
    "prp-rng": ("値域", "range"),
    "prp-spo1": ("下位の関係", "narrower relation"),
    "prp-spo2": ("関係の連鎖", "chain of relations"),
    "prp-eqp1": ("同じ意味の関係", "equivalent relations"),
    "prp-eqp2": ("同じ意味の関係", "equivalent relations"),
    "prp-inv1": ("逆の関係", "inverse relation"),
    "prp-inv2": ("逆の関係", "inverse relation"),
    "prp-symp": ("対称な関係", "symmetric relation"),
    "prp-trp": ("推移的な関係", "transitive relation"),
    "prp-fp": ("一つだけの値", "single value"),
    "prp-ifp": ("一つだけの主体", "single holder"),
    "prp-key": ("同定の鍵", "key"),
    "prp-irp": ("自分自身とは結べない関係", "irreflexive relation"),
    "prp-asyp": ("相互には成り立たない関係", "asymmetric relation"),
    "prp-pdw": ("両立しない関係", "disjoint relations"),
    "prp-adp": ("両立しない関係", "disjoint relations"),
    "prp-npa1": ("否定された関係", "denied relation"),
    "cls-com": ("補集合", "complement"),
    "cls-nothing2": ("空のクラス", "empty class"),
    "cls-maxc1": ("持たないはずの値", "forbidden value"),
    "cls-maxqc1": ("持たないはずの値", "forbidden value"),
    "cax-dw": ("両立しない種類", "disjoint kinds"),
    "cax-adc": ("両立しない種類", "disjoint kinds"),
    "eq-diff1": ("同一と相違の矛盾", "the same and different"),
    "eq-sym": ("同一性", "sameness"),
    "eq-trans": ("同一性", "sameness"),
    "eq-rep-s": ("同一のもの", "the same thing"),
    "eq-rep-o": ("同一のもの", "the same thing"),
    "scm-sco": ("クラスの階層", "class hierarchy"),
    "scm-spo": ("関係の階層", "relation hierarchy"),
    "scm-eqc1": ("同値のクラス", "equivalent classes"),
    "scm-eqc2": ("同値のクラス", "equivalent classes"),
    "scm-eqp1": ("同じ意味の関係", "equivalent relations"),
    "scm-eqp2": ("同じ意味の関係", "equivalent relations"),
    "scm-dom1": ("定義域の階層", "domain hierarchy"),
    "scm-dom2": ("定義域の階層", "domain hierarchy"),
    "scm-rng1": ("値域の階層", "range hierarchy"),
    "scm-rng2": ("値域の階層", "range hierarchy"),
    "scm-int": ("条件による定義", "definition by conditions"),
    "scm-uni": ("いずれかによる定義", "definition by alternatives"),
}

REASONS: Final[dict[str, tuple[str, str]]] = {
    "cax-sco": ("{0}はすべて{1}である。", "Every {0} is a {1}."),
    "cax-eqc1": ("{0}と{1}は同じものを指す。", "{0} and {1} mean the same."),
    "cax-eqc2": ("{0}と{1}は同じものを指す。", "{0} and {1} mean the same."),
    "cls-int1": (
        "{0}の定義の条件がすべて満たされている。",
        "All conditions of the definition of {0} are met.",
    ),
    "cls-int2": ("{0}の定義に含まれる条件である。", "It is a condition in the definition of {0}."),
    "cls-uni": (
        "{0}の定義の条件の一つが満たされている。",
        "One of the conditions of the definition of {0} is met.",
    ),
    "cls-svf1": ("{0}の定義の条件が満たされている。", "The condition of the definition of {0} is met."),
    "cls-svf2": ("{0}の定義の条件が満たされている。", "The condition of the definition of {0} is met."),
    "cls-avf": ("{0}の相手はすべて{1}である。", "Partners of every {0} are {1}."),
    "cls-hv1": ("{0}はすべて{1}の値をもつ。", "Every {0} has the value {1}."),
    "cls-hv2": ("{0}はこの値によって定義される。", "{0} is defined by this value."),
    "cls-oo": ("{0}は列挙によって定義される。", "{0} is defined by listing its members."),
    "prp-dom": ("「{0}」をもつものは{1}である。", "Whatever “{0}” is said of is a {1}."),
    "prp-rng": ("「{0}」の相手は{1}である。", "Whatever “{0}” points to is a {1}."),
    "prp-spo1": ("「{0}」ならば「{1}」である。", "“{0}” implies “{1}”."),
    "prp-spo2": ("{chain}とたどれば「{0}」である。", "Following {chain} gives “{0}”."),
    "prp-eqp1": ("「{0}」と「{1}」は同じ意味である。", "“{0}” and “{1}” mean the same."),
    "prp-eqp2": ("「{0}」と「{1}」は同じ意味である。", "“{0}” and “{1}” mean the same."),
    "prp-inv1": ("「{0}」と「{1}」は互いに逆の関係である。", "“{0}” and “{1}” are inverse to each other."),
    "prp-inv2": ("「{0}」と「{1}」は互いに逆の関係である。", "“{0}” and “{1}” are inverse to each other."),
    "prp-symp": ("「{0}」は双方向に成り立つ。", "“{0}” holds both ways."),
    "prp-trp": ("「{0}」はたどって成り立つ。", "“{0}” carries over from one to the next."),
    "prp-fp": ("「{0}」の値は一つだけである。", "“{0}” has one value only."),
    "prp-ifp": ("「{0}」をもつものは一つだけである。", "Only one thing has a given “{0}”."),
    "prp-irp": ("「{0}」は自分自身とは成り立たない。", "“{0}” never holds of a thing with itself."),
    "prp-asyp": ("「{0}」が互いに成り立つことはない。", "“{0}” never holds both ways."),
    "cax-dw": ("{0}であり同時に{1}であることはない。", "Nothing is both {0} and {1}."),
    "cax-adc": ("{0}であり同時に{1}であることはない。", "Nothing is both {0} and {1}."),
    "prp-pdw": ("「{0}」と「{1}」は両立しない。", "“{0}” and “{1}” exclude each other."),
    "prp-adp": ("「{0}」と「{1}」は両立しない。", "“{0}” and “{1}” exclude each other."),
    "prp-npa1": ("「{0}」ではないと明記されている。", "That “{0}” holds here is expressly denied."),
    "prp-key": ("同じ鍵をもつ{0}は一つだけである。", "Only one {0} has a given key."),
    "cls-com": ("{0}は、定義で除かれた種類には属さない。", "No {0} is what its definition excludes."),
    "cls-maxc1": ("{0}は、定義によりこの値をもたない。", "By its definition no {0} has such a value."),
    "cls-maxqc1": ("{0}は、定義によりこの値をもたない。", "By its definition no {0} has such a value."),
    "cls-nothing2": ("何ものもこの種類には属さない。", "Nothing belongs to this kind."),
    "eq-sym": ("同一であることは双方向に成り立つ。", "Being the same holds both ways."),
    "eq-trans": ("同一であることはたどって成り立つ。", "Being the same carries over from one to the next."),
    "eq-rep-s": ("同一のものは同じことが言える。", "What is said of one is said of whatever is the same."),
    "eq-rep-o": ("同一のものは同じことが言える。", "What is said of one is said of whatever is the same."),
    "eq-diff1": ("同一であり同時に異なることはない。", "No two things are both the same and different."),
}

_DEFAULT: Final = ("オントロジーの公理による。", "By an axiom of the ontology.")


_LIKE_YOU: Final = re.compile(r"(?:[Ee]u|[Oo]ne\b|[Uu]ni(?!n)|[Uu]s[ae]|U[A-Z])")
_SPELT: Final = re.compile(r"(?:[FHLMNRSX][BCDFGHJKLMNPQRSTVWXZ]|MOU)[A-Z0-9]*\b")


def article(word: str) -> str:
    """The English indefinite article before a name: “a” or “an”, by how its beginning is spoken."""
    vowel = word[:1] in tuple("aeiouAEIOU") and not _LIKE_YOU.match(word)
    return "an" if vowel or _SPELT.match(word) else "a"


def rule_label(name: str, language: Language) -> str:
    """A short label of an OWL 2 RL rule, as "inverse relation"."""
    return LABELS.get(name, (name, name))[0 if language == "ja" else 1]


def reason(name: str, terms: tuple[str, ...], language: Language) -> str:
    """A sentence saying what the rule rests on, with the labels of its terms filled in."""
    template = REASONS.get(name, _DEFAULT)[0 if language == "ja" else 1]
    opening, closing, glue = ("「", "」", "→") if language == "ja" else ("“", "”", " → ")
    chain = glue.join(f"{opening}{term}{closing}" for term in terms[1:])
    padded = (*terms, "…", "…")
    text = template.replace("{chain}", chain)
    for number in range(2):
        text = text.replace(f" a {{{number}}}", f" {article(padded[number])} {padded[number]}")
        text = text.replace(f"{{{number}}}", padded[number])
    return text
