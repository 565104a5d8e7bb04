"""Which language a page speaks: Chinese as it is written, or English by the catalogue `pages/locales`.

In: Chinese templates and words, and what a browser asks for. Out: a page in one language; what departments, rules and people
say stays Chinese on an English page, and is marked so.
"""
