"""Which engine is meant, and calls to it that never block the event loop.

endpoints, contexts       where the docker command would look for it
engine                    `connect`, and `Engine` with `call` and `stream`; everything else goes through it
connection, transport     the first words with it; clients whose connections can be cut
streams, stoppable, undisturbed   long calls: followed, cancelled, finished all the same
unreachable, reach        why there is none, in words
archives                  files in and out of a container, by tar
"""
