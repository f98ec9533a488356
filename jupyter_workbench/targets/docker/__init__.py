"""Compute targets `docker` and `localdocker`: a container of an engine that this machine reaches."""
