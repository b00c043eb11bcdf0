"""The `lingxi` command's parts: one file per noun."""
