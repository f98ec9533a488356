"""What our kernels have beyond ipykernel: ``%azureml``, ``azureml.logging`` and the record of runs.

    bootstrap   starts ipykernel, then attaches the rest to its shell
    hooks       a cell begins and ends -> tracker: is it a run? -> recorder: its records -> spool: bytes on disk
    logger      what a cell logs goes to its run; values: whatever a user logs, as JSON; uploads: files, as blobs
    transport   tells the server what was appended to the spool
    magics      the user's switch

Standard library and IPython only, Python 3.8 and newer: it runs in the user's own interpreter.
"""
