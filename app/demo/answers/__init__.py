"""How the teams of the demo work on their themes: checks, answers, what waits to be published."""
