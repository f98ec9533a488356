"""Projects of which a kernel gets a copy, since it must not or cannot have the folder itself.

copies                    what the other rooms call
project_files, ignored, git_patterns   which files go in
bringing_in, sending, manifest, copied_project, removals   only what differs
bringing_back, fetching, host_folder, tars   what comes out, without trust in what it says
"""
