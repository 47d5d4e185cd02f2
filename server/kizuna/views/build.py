"""Builds a view in a private store: scenario, as-of date, derivation, closure. Changes the given store only.

The keeper of views names this function (`kizuna.views.build:build_view`) and calls it in a fork, on its own copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

from pyoxigraph import RdfFormat, Store

from kizuna.views.asof import restrict
from kizuna.views.delta.advance import Base, remember
from kizuna.views.patch import apply_patch
from kizuna.views.rl.compile import compile_ontology
from kizuna.views.rl.engine import closure
from kizuna.views.rl.model import CompiledOntology
from kizuna.views.rules import DerivationRule, derive, read_rules, rules_of
from kizuna.views.terms import DERIVED, INFERRED

_BUNDLED = Path(__file__).resolve().parents[3] / "ontology" / "rules"


@lru_cache(maxsize=1)
def bundled_rules() -> tuple[DerivationRule, ...]:
    """The rules that come with the product, for a store that carries none."""
    return read_rules(_BUNDLED) if _BUNDLED.is_dir() else ()


def rules_for(store: Store) -> tuple[DerivationRule, ...]:
    """The rules that the store carries, or the product's own."""
    return rules_of(store) or bundled_rules()


def build_view(store: Store, as_of: date, scenario_patches: Sequence[bytes] = ()) -> None:
    """Turn stated quads into a view, in place.

    Args:
        store: stated quads of one revision, ontology included; derived and inferred graphs are emptied first.
        as_of: last day that counts, in valid time.
        scenario_patches: patches laid over the record, in order, before the as-of date is applied.

    Raises:
        PatchError: a patch cannot be read.
        RuleError: a derivation rule cannot be read.
    """
    store.clear_graph(DERIVED)
    store.clear_graph(INFERRED)
    for patch in scenario_patches:
        apply_patch(store, patch)
    held = Store()
    held.extend(restrict(store, as_of))
    rules, compiled = rules_for(store), compile_ontology(store)
    derive(store, rules)
    unsaid = _infer(store, compiled)
    remember(store, Base(as_of, held, rules, compiled, unsaid))


def infer(store: Store) -> None:
    """Fill the inferred graph with what OWL 2 RL adds to all other graphs."""
    _infer(store, compile_ontology(store))


def _infer(store: Store, compiled: CompiledOntology) -> bool:
    result = closure(store, compiled)
    if result.lines:
        store.bulk_load(result.n_triples(), format=RdfFormat.N_TRIPLES, to_graph=INFERRED)
    return result.unsaid
