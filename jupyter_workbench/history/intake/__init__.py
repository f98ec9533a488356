"""From spools to the store: a collector follows each kernel of this process, a sweep takes in all the others.

Who listens to `news` hears what changed. Imports of everything before it in the list of the package.
"""
