"""What a person sees in a terminal: the summary first, then what needs them, then the rest on request.

Numbers go to standard output, progress and faults to standard error, so that pipes stay clean. The consoles of the
command line take no markup, so that what people wrote stands as they wrote it.
"""
