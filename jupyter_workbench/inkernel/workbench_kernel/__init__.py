"""What our kernels have beyond ipykernel: ``%azureml``, ``azureml.logging`` and the record of runs.

    bootstrap   starts ipykernel, then attaches the rest to its shell
    hooks       a cell begins and ends -> tracker: is it a run? -> recorder: its records -> spool: bytes on disk
    logger      what a cell logs goes to its run; values: as JSON, whatever it is; images: as PNG; uploads: as blobs
    tails       what cells print; outcomes: how they end; usage: what long ones use (processes, gpus)
    transport   tells the server what was appended to the spool
    assets      what azureml.assets and azureml.core.model find; importing: beside an installed azureml
    magics      the user's switch; remarks: what a cell says about its run; saving: files of the outputs folder

Standard library and IPython only, Python 3.8 and newer: it runs in the user's own interpreter.
"""
