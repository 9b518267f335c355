"""Before the tests: what they need beside Python, and loudly what will not run without it.

Chromium and fonts come from the system. Where we may install packages they are installed; else the run goes on and
its end names the tests that did not run. Under CI (CI=true) a missing browser is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.sandbox.browser import find_chromium

PACKAGES = ("chromium", "fonts-noto-core", "fonts-noto-extra", "fonts-noto-color-emoji")


def main() -> int:
    if find_chromium() is None and shutil.which("apt-get") and os.geteuid() == 0:
        print("Installing Chromium and fonts for the browser tests …", flush=True)
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES], check=False)
    if find_chromium() is None:
        print(
            "!!! No Chromium: the browser tests (tests/sandbox/test_page.py) WILL NOT RUN.", file=sys.stderr
        )
        return 1 if os.environ.get("CI") else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
