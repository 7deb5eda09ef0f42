"""Tables in batches: files, globs, folders, pipes and memory, read strictly. Start at ``calcopt.data.table``."""
