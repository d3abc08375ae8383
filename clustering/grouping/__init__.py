"""Groups of similar texts.

graph: links between texts. leiden: communities of the graph. groups: which texts are outliers or ambiguous, and the
communities less those. hierarchy, granularity: the tree of groups, and cuts through it. constraints: must-link and
cannot-link. translations: texts with the same content in two languages. units: from unique texts to groups and back to
rows. strengths: how far each idea belongs to each group. chance: how alike groups are that are found by chance.
"""
