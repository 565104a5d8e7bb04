"""电子监察: what waits for whom and since when, what every policy reached, and what does not fit together.

In:       the store and the frames of the newest published night; how long what may wait, and what is to be compared
          (`supervision/` of the workspace, else as shipped).
Out:      counts and sums, with the department and the people who see to them. No subject appears but in the file of ids
          that somebody asks for by name.
Promises: nothing is written but that somebody looked; the same day and store give the same lists.
"""
