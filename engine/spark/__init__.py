"""Matching on many machines: the same kernels as on one, carried to the rows by Spark.

In: rules as data, and frames that Spark reads or that this machine sends. Out: what one machine would have said, whichever
worker said it and however many died in between. Nothing here decides anything.
"""
