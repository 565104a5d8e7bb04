"""The only SQL on our own database: tables, migrations, reading, writing.

In come records and frames of the stages; out come the same, and nothing else: no session, no row object, no
SQL leaves this package. What is promised:

- every write stands in one transaction that took the write lock at its beginning; a killed process leaves
  all of it or nothing;
- money is whole fen in BIGINT, states are words, instants are UTC, and the database itself refuses a
  negative amount, an unknown state or a second row where there may be one;
- ids come from `core.ids`; nothing counted up by the database is seen outside;
- what is personal is sealed before it reaches a statement, and no error text holds a bound value.

`store.opening` opens a database and hands out transactions; every other module takes one:

    with open_store(url, clock=clock) as store:
        with store.writing() as tx:
            StoredLoads(tx).record(info)
        with store.reading() as rx:
            latest = latest_published(rx, "night")
"""
