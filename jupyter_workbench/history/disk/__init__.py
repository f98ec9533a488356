"""What lies on the disk while a kernel lives: its spool, read and locked as something that the kernel may have bent.

Of the other folders only ``records`` is imported.
"""
