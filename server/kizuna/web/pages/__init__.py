"""The pages of the atlas, one module a kind of page: read, show, nothing else."""
