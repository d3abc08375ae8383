"""The call for ideas, its team, its phases and its promises."""
