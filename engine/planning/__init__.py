"""What a change would do to everyone, before it is made; and what time alone will do.

In:       rule files with the days they are to stand, or a retirement; the published state; a day and some months.
Out:      `effect.Plan`: who gains, who loses, whose amount changes, what it costs by month, what it opens on the
          ledger; `outlook.Outlook`: who starts, ends or changes by today's facts as time moves.
Promises: the stages of a night decide, on the same profiles for before and after; nothing is written; no table shows
          fewer people than may be shown, or lets them be computed.
"""
