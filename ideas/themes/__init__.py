"""What the ideas say together.

theme: what is stored of a theme. card: themes as pages show them, and the ideas in them. placement: where each idea is.
place_new_ideas: between two runs. explanation: why an idea is where it is. refresh: what is measured again of themes
that changed. stored: the JSON of all of these. runs: what the pipeline finds, and how it is applied. edits: what people
do, and how it is undone. checks: whether ideas belong in their themes, as people say. method: how the themes were made.
"""
