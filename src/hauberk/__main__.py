"""`python -m hauberk`: the program `hauberk`, where only an interpreter is at hand."""

import sys

from hauberk.cli.main import main

sys.exit(main())
