"""The run history of a project: what kernels wrote into their spools, kept in one SQLite file, and questions to it."""
