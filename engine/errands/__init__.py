"""Errands: what the desk asks for and takes too long for a page: a night, a replay, a plan, the readiness of all policies."""
