"""Many programs before one server, each part in a process of its own: the upstream, the server, and the programs."""
