"""How fast the editor is in a workspace that is full: `make bench` prints it, writes it into the
README, and fails when a limit is missed."""
