"""Groups of similar texts.

graph: links between texts. leiden: communities of the graph. groups: communities less outliers and ambiguous texts.
hierarchy, granularity: the tree of groups, and cuts through it. constraints: must-link and cannot-link.
translations: texts with the same content in two languages. membership: from unique texts to groups and back to rows.
strengths: how far each idea belongs to each group.
"""
