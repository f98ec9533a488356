"""Where run configurations meet Jupyter: names, kernelspecs, the provisioner, and the launcher for other clients."""
