"""Files that a message shares: what is said of them, and what of that can be a file's name.

Everything here but what we share ourselves is what a peer claims: its name is made harmless
before a file gets it, its link is one to the web or none at all.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from termxmpp.core.text import one_line
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = [
    "Digest",
    "SharedFile",
    "file_words",
    "has_only_links",
    "safe_name",
    "size_words",
    "web_link",
]

Digest = tuple[str, str]
"""A hash (XEP-0300): its algorithm, as the registry calls it, and the digest in Base64."""

# So much of a name is shown, and so many bytes of one has a file: systems take 255, and what
# keeps two apart, or is not finished, needs some.
SHOWN_NAME, LONGEST_NAME = 80, 200

# A link that is longer is somebody's game.
LONGEST_LINK = 4096

# An ending that is longer is none.
LONGEST_ENDING = 16

_KINDS = {
    "picture": ("avif", "bmp", "gif", "heic", "jpeg", "jpg", "jxl", "png", "svg", "tiff", "webp"),
    "sound": ("aac", "flac", "m4a", "mp3", "oga", "ogg", "opus", "wav"),
    "video": ("avi", "mkv", "mov", "mp4", "mpeg", "ogv", "webm"),
    "text": ("csv", "diff", "html", "log", "md", "patch", "py", "rst", "tex", "txt"),
    "document": ("doc", "docx", "epub", "odp", "ods", "odt", "pdf", "ppt", "pptx", "xls", "xlsx"),
    "archive": ("7z", "bz2", "gz", "rar", "tar", "tgz", "xz", "zip", "zst"),
}
_BY_ENDING = {ending: kind for kind, endings in _KINDS.items() for ending in endings}
_BY_MEDIA = {"image": "picture", "audio": "sound", "video": "video", "text": "text"}


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A file as its sender describes it (XEP-0446): all but the link may be left out.

    `url` begins with http:// or https://, or is empty where there is no such link (yet). `size` is
    in bytes, `width` and `height` in pixels, `length` in milliseconds. With `is_link` nothing says
    that it is a file: a link besides a text (XEP-0066).
    """

    url: str = ""
    name: str = ""
    media_type: str = ""
    size: int | None = None
    description: str = ""
    hashes: tuple[Digest, ...] = ()
    is_link: bool = False
    width: int | None = None
    height: int | None = None
    length: int | None = None

    @property
    def label(self) -> str:
        """What it is called: its name, else the last part of its link; may be empty."""
        return self.name or unquote(urlsplit(self.url).path.rpartition("/")[2])

    @property
    def kind(self) -> str:
        """One of picture, sound, video, text, document, archive, or empty."""
        kind = _BY_MEDIA.get(self.media_type.partition("/")[0].lower(), "")
        name, dot, ending = self.label.rpartition(".")
        return kind or (_BY_ENDING.get(ending.lower(), "") if name and dot else "")


def web_link(text: str) -> str:
    """`text` without the blanks around it if it is a link to the web, else nothing."""
    link = text.strip()
    is_whole = 0 < len(link) <= LONGEST_LINK and not any(
        char.isspace() or unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in link
    )
    if not is_whole:
        return ""
    try:
        parts = urlsplit(link)
        has_place = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return ""
    return link if parts.scheme in ("http", "https") and has_place else ""


def file_words(file: SharedFile) -> str:
    """`file` in one harmless line: its name, what it is, how large, and what is said of it."""
    label = one_line(file.label.strip(), SHOWN_NAME)
    kinds = {
        "picture": _("picture"),
        "sound": _("sound"),
        "video": _("video"),
        "text": _("text"),
        "document": _("document"),
        "archive": _("archive"),
    }
    kind = kinds.get(file.kind) or _("file")
    if file.is_link:
        words = [label or one_line(urlsplit(file.url).netloc, SHOWN_NAME), _("link")]
    else:
        words = [label, kind] if label else [kind]
    if file.width and file.height:
        words.append(f"{file.width}×{file.height}")
    if file.length is not None:
        words.append(_length_words(file.length))
    if file.size is not None:
        words.append(size_words(file.size))
    if not file.url:
        words.append(_("without a link"))
    elif "://" in label:
        # A name that looks like a link is not where it leads.
        words.append(one_line(urlsplit(file.url).netloc, SHOWN_NAME))
    line = ", ".join(words)
    description = one_line(file.description.strip(), 200)
    return f"{line}: {description}" if description else line


def has_only_links(text: str, files: Sequence[SharedFile]) -> bool:
    """Whether `text` says nothing but where `files` are."""
    links = {file.url for file in files if file.url}
    return bool(files) and all(word in links for word in text.split())


def size_words(size: int) -> str:
    """`size`, in bytes, as people read it: `12 kB`."""
    amount, unit = float(size), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 999.5 or unit == "TB":
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if amount >= 9.95 or unit == "B" else f"{amount:.1f} {unit}"


def _length_words(length: int) -> str:
    """`length`, in milliseconds, as players show it."""
    seconds = round(length / 1000)
    minutes, hours = seconds // 60 % 60, seconds // 3600
    rest = f"{minutes:02}:{seconds % 60:02}"
    return f"{hours}:{rest}" if hours else rest.removeprefix("0")


def safe_name(name: str) -> str:
    """What of `name`, which a peer has chosen, can be the name of a file: never empty.

    It has no part of a path, nothing that is not seen, no dot in front that would hide it and no
    dash that a program would take for an option.
    """
    kept = "".join(
        "_" if char in '/\\:*?"<>|' else char
        for char in unicodedata.normalize("NFC", name)
        if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    )
    kept = " ".join(kept.split()).lstrip(".-~ ").rstrip(". ")
    if len(kept.encode()) > LONGEST_NAME:
        stem, dot, ending = kept.rpartition(".")
        tail = dot + ending if stem and len(ending.encode()) <= LONGEST_ENDING else ""
        room = LONGEST_NAME - len(tail.encode())
        kept = (stem if tail else kept).encode()[:room].decode(errors="ignore").rstrip() + tail
    return kept or "file"
