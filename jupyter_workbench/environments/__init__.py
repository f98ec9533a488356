"""Dependency files -> what is to be built -> a folder with a Python and its packages. Pure: no engine, no network.

The map, in the order in which a preparation passes through it:

* `spec`: `conda_dependencies.yml` -> `EnvironmentSpec`, or every problem that keeps it from being built
    * `conda_lines`: one entry of conda's list -> a requirement of PyPI; `names` is the table of names behind it
    * `pip_lines`: the `pip:` list -> lines for uv; `local_files` are the wheels and folders that these name
    * `pythons`: a pin such as `python=3.11` -> what uv is asked for; `limits` has the oldest versions for kernels
* `fingerprint`: the name of the environment, made of everything that it is built from
* `builder`: the one script that runs where the environment is built, with that place's own Python and uv
* `failures`: what uv said -> what the user reads, with the line that it is about
* `secrets`: addresses without the passwords in them

The lists are resolved by uv from PyPI. Solving with conda's own packages would be another builder beside `builder`, and
another reading of the conda list beside `conda_lines`.
"""
