"""What people do to themes, each act kept with all that it changed.

edit: themes are renamed, merged, split. move: ideas are moved, set aside, pinned, unpinned, forbidden. history: what
was done, with what it changed. undo: what it changed is restored.
"""
