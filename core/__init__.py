"""Words every stage uses: days and periods, money, ids, clock, findings, errors, settings, ledger records.

Nothing here knows a policy, a table or a page, and nothing here reads the outside world except
`core.clock` (the time), `core.settings` (the workspace file and the environment) and `core.product` (our own code).
"""
