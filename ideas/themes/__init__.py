"""What the ideas say together.

theme: a theme, its card, its queries. placement: where each idea is. place_new_ideas: between two runs.
run: what a run starts from and gives. granularity: fewer or more themes. proposal: a run that waits for a manager, and
its differences. apply: what a run or a proposal changes. edit, history, undo: what people do. explanation: why an idea
is where it is. stored: the JSON of all of these.
"""
