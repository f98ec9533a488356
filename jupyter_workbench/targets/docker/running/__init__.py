"""Kernels in containers.

place                     a container with everything that a kernel needs, described
container_kernels         kernels of a place, started
containers                one container, created, started, followed, removed
process_files, folders, kernel_files, overlay, transfers   what kernel and server share, and what goes in or comes out
sight                     whether the engine sees the folders of this machine
package_list              the packages of a kernel, while it runs
watching, endings, heartbeat   that a kernel lives, that it ended, and why
leftovers, tidying, met   what killed servers left
"""
