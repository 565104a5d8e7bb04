"""Shared data in, what held for each subject on each day out; one word per module.

In:   the files of departments, and the catalogue that says what they mean.
Out:  immutable load frames (`profiles.intake`), and from them profiles: one row per subject and stretch of days,
      as known at one instant (`profiles.assemble`).
Kept: numbers, names, phones and accounts go to the vault (`profiles.identity`) and never into a frame. Nothing is
      dropped in silence: a row that breaks its contract stands in quarantine, and its subject is unknown.

Order of reading: `catalogue` · `catalogue_reading` · `reading` · `contract` · `intake` · `state` · `timeline` ·
`assemble`.
"""
