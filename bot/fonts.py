"""Fonts that hold every script of the bot: Noto's, from the system or fetched without root. Knows nothing of pictures.

`python -m bot.fonts` fetches what is missing (part of `make setup`); where that cannot be done it says what to install.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

FILES = ("NotoSans-Regular.ttf", "NotoSansArabic-Regular.ttf", "NotoSansEthiopic-Regular.ttf")
PACKAGE = "fonts-noto-core"
OWN = Path.home() / ".local" / "share" / "fonts" / "noto"
"""Where fonts without root go: fontconfig, and so a browser, looks there too."""
FOLDERS = (OWN, Path("/usr/share/fonts/truetype/noto"), Path("/usr/share/fonts/noto"), Path("/Library/Fonts"))


def find(name: str) -> Path | None:
    """The font file of this name, None where it is on none of the usual places."""
    return next((folder / name for folder in FOLDERS if (folder / name).is_file()), None)


def fetch() -> None:
    """Downloads Debian's package and unpacks its fonts for this user. Raises CalledProcessError when that fails."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["apt-get", "download", "-qq", PACKAGE], cwd=folder, check=True)  # noqa: S603, S607
        (package,) = Path(folder).glob("*.deb")
        subprocess.run(["dpkg-deb", "-x", str(package), folder], check=True)  # noqa: S603, S607
        OWN.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.copyfile(next(Path(folder).rglob(name)), OWN / name)


def main() -> None:
    """Fetches what is missing. Never fails: the bot runs without, only pictures of some scripts would show boxes."""
    if all(map(find, FILES)):
        return
    try:
        fetch()
    except (OSError, subprocess.CalledProcessError, StopIteration, ValueError):
        print(f"Fonts are missing: install {PACKAGE}, or Noto Sans, Noto Sans Arabic, Noto Sans Ethiopic.")
    if shutil.which("fc-cache"):
        subprocess.run(["fc-cache", str(OWN)], check=False)  # noqa: S603, S607


if __name__ == "__main__":
    main()
