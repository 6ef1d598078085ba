"""The web page: a second shell beside the command line."""
