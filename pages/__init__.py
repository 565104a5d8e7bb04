"""What a person sees and may do: an enterprise's own page in a browser, and tables in a terminal.

Nothing is decided here; every value shown comes from the engine, and every read is limited to whoever is logged in.
"""
