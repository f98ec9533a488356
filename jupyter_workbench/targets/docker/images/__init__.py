"""What kernels start from: an image, pulled when need be, and the Python in it; the network that containers need."""
