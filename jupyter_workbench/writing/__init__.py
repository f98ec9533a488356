"""What is written into a project when a command or JupyterLab asks for it: small files, whole or none."""
