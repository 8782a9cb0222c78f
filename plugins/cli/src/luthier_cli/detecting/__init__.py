"""Looking for instruments, asking who they are, and finding their drivers."""
