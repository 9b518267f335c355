"""Files in memory: what was uploaded, by file_id and by path. Knows no chat."""

import struct
from dataclasses import dataclass
from itertools import count

from bot.sandbox.refusals import Refusal, bad_request

UPLOAD_BYTES = 50 * 1024 * 1024  # Bot API, Sending files: 10 MB for photos, 50 MB for other files
PHOTO_BYTES = 10 * 1024 * 1024
DOWNLOAD_BYTES = 20 * 1024 * 1024  # Bot API, getFile: bots can download files of up to 20 MB


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it comes with a request."""

    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the stand-in; `kind` is the folder that Telegram would show in its path."""

    file_id: str
    kind: str
    name: str
    content: bytes
    media_type: str

    @property
    def path(self) -> str:
        """The file_path of getFile."""
        suffix = self.name[self.name.rfind(".") :] if "." in self.name else ""
        return f"{self.kind}/{self.file_id}{suffix if suffix.isascii() and '/' not in suffix else ''}"


class FileShelf:
    """All files of this run."""

    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}
        self._numbers = count(1)

    def store(self, kind: str, upload: Upload) -> StoredFile:
        """Keep an upload. Raises Refusal when it is empty or too large."""
        # Bot API, Sending files: sizes; an empty file is refused.
        if not upload.content:
            raise bad_request("file must be non-empty")
        if len(upload.content) > (PHOTO_BYTES if kind == "photos" else UPLOAD_BYTES):
            raise Refusal(413, "Request Entity Too Large")
        file_id = f"{kind}-{next(self._numbers):06d}"
        stored = StoredFile(file_id, kind, upload.name, upload.content, upload.media_type)
        self._files[file_id] = self._by_path[stored.path] = stored
        return stored

    def get(self, file_id: str) -> StoredFile | None:
        """The file of this id."""
        return self._files.get(file_id)

    def at(self, path: str) -> StoredFile | None:
        """The file at this file_path."""
        return self._by_path.get(path)


def picture_size(content: bytes) -> tuple[int, int]:
    """Width and height in pixels of a PNG, GIF or JPEG. Raises Refusal: a photo must be a picture."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return width, height
    if content.startswith(b"\xff\xd8"):
        position = 2
        while position + 9 <= len(content) and content[position] == 0xFF:
            marker = content[position + 1]
            # Start-of-frame markers C0–CF hold the size, but not C4, C8 and CC (ITU-T T.81, table B.1).
            if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
                height, width = struct.unpack(">HH", content[position + 5 : position + 9])
                return width, height
            position += 2 + struct.unpack(">H", content[position + 2 : position + 4])[0]
    raise bad_request("IMAGE_PROCESS_FAILED")
