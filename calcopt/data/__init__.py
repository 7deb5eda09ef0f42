"""Tables in batches: files, globs, folders, pipes."""
