"""Tests on real servers, kernels and clients."""
