"""The Spark UI of a kernel, passed on to browsers: a kernel writes it, so nothing of it is believed."""
