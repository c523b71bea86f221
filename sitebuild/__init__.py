"""The build of this site: runs the snippets, turns Markdown into pages, checks both languages.

Data flows one way: snippet → run → outputs → page → site → tests.
"""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036 (this is what tells the reader)
    raise SystemExit(
        f"This project needs Python 3.11 or newer, and this is Python {sys.version.split()[0]}."
        " Make the virtual environment with a newer one, for example: python3.11 -m venv .venv"
    )

os.environ.setdefault("SOURCE_DATE_EPOCH", "315532800")  # MkDocs would write the day of the build into the site
