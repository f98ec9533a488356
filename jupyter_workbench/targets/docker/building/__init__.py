"""Environments on an engine: folders in a volume of the user's, built once by uv in a container.

environments              `ensure`: there already, or built
build, build_*            one build: its container, its words, its end; that of another process
sharing                   who wants the same at the same time shares one build
shelf, usage              what there is, and what may go
volume, volume_programs, uv_binary   where it all lies, and what is done there
"""
