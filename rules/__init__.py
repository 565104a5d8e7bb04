"""Rule text → versioned, typed, checked rule → expressions.

Comes in:  one strict YAML file per rule version, and the catalogue its names are bound to.
Goes out:  a `RuleVersion` (`rules.reading`) whose conditions and amounts are one typed tree (`rules.tree`) with
           several readers: Polars for nights and plans (`rules.compiled`), plain Python for one profile
           (`rules.closed`), plain Chinese (`rules.wording`), the days to ask on (`rules.edges`).
Promised:  the readers agree on every input; numbers are exact; a missing fact only ever gives unknown; every
           fault of an author has a place, the word, the nearest known word and a remedy.

    text ── parsing ──> syntax ── binding ──> tree ──┬── polars_expressions, ratios ──> compiled
                                                     ├── closures, matters ───────────> closed
                                                     ├── wording · edges · canonical form (tree)
                                                     └── checks · examples
"""
