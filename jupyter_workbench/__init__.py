"""Every run configuration of a project is a Jupyter kernel, and every cell can be a run."""
