"""Programs in bubblewrap: namespaces, a system call filter, a user id of their own, control groups, and sized file systems.

::

    backend    what the runner holds: start, check, close
    run        one run: its events, its limits, its end        verdict, output, input, pictures: its parts
    warm       sandboxes with Python started ahead
    command    bubblewrap's arguments    stages  the shell that goes from compile to run inside    seccomp, syscalls  the filter
    zygote     this side of the launcher's socket    launcher  the small process that forks, limits itself and becomes bubblewrap
    cgroups, cgroup_v1, cgroup_v2   how much all of it together may use    slots  user ids that only one run has
    selftest, probes   that it holds, tried over the real path
"""
