"""`python -m agent` is `mock-interview`."""

from agent.shell.cli import entry

if __name__ == "__main__":
    entry()
