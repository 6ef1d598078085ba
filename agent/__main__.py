"""`python -m agent` is `mock-interview`."""

import sys

from agent.shell.cli import main

sys.exit(main())
