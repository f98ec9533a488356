"""What a kernel of ours runs: `PYTHON <this folder> --spool FOLDER -f CONNECTION_FILE [options of ipykernel]`.

No syntax here that an old Python cannot read: it must come as far as to say that it is too old.
"""

import sys

if sys.version_info < (3, 8):
    sentence = "The kernel needs Python 3.8 or newer, and %s is Python %d.%d: name another one as pythonLocation.\n"
    sentence = sentence % (sys.executable, sys.version_info[0], sys.version_info[1])
    if "--spool" in sys.argv[:-1]:
        with open(sys.argv[sys.argv.index("--spool") + 1] + "/start-error.txt", "w") as file:
            file.write(sentence)
    sys.exit(sentence)

from workbench_kernel import compiled  # type: ignore[import-not-found]

arguments = compiled.take(sys.argv[1:])  # before anything else is imported

from workbench_kernel import bootstrap  # noqa: E402

bootstrap.main(arguments)
