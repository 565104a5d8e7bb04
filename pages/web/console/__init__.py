"""What officers see and do: the same calls as the command line's, behind the roles that those ask for."""
