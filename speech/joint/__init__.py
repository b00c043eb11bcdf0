"""Words and meaning decided together."""
