"""From run to run: themes keep their ids, and new ideas are placed without a run.

lineage: which theme a group continues. assignment: every row in its theme, people's edits respected.
incremental: the links of one more text. placing: the theme of one more idea.
"""
