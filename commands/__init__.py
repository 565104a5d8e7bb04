"""The words of the command line, one module for each part of the work; `cli.py` puts them together.

In: words. Out: calls, two streams, an exit code. No logic: what a command does stands in the stages, how it reads in
`pages.terminal`. Heavy modules are imported inside the commands, so that `mianshen --help` answers at once.
"""
