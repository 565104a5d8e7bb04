"""What people complain of, from the day it comes in to the day it is closed.

In: what somebody says at a counter, to a hotline, on a page, or by a rating. Out: dated steps, notices, and holds that
nights respect. Promises: nobody decides on what they decided before; the clock stands still while the applicant is asked; a
decision never edits an amount: facts are mended, and the next night says what is due.
"""
