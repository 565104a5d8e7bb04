"""What officers write and read: rule files checked, tables out to workbooks and back, guides, real cases as examples.

In:       rule files, workbooks, a subject's facts.
Out:      findings, new files (never an overwritten one), and a version's guide as one record.
Promises: nothing comes into force here, and nobody can be recognised in an example.
"""
