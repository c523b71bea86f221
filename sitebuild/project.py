"""Where things are. The project is the folder that holds `mkdocs.yml`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("ko", "en")


@dataclass(frozen=True)
class Project:
    """The folders of a checkout."""

    root: Path

    @classmethod
    def here(cls) -> Project:
        """The project that the current directory is in.

        Raises:
            FileNotFoundError: outside any checkout.
        """
        for folder in (Path.cwd(), *Path.cwd().parents):
            if (folder / "mkdocs.yml").is_file():
                return cls(folder)
        raise FileNotFoundError(f"no mkdocs.yml in {Path.cwd()} or above it: run this inside the project's folder")

    @property
    def snippets(self) -> Path:
        return self.root / "snippets"

    @property
    def data(self) -> Path:
        return self.snippets / "data"

    @property
    def cache(self) -> Path:
        return self.root / ".cache"

    def docs(self, language: str) -> Path:
        return self.root / "docs" / language

    def relative(self, path: Path) -> str:
        """`path` as a writer knows it, from the project's root, with forward slashes."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return str(path)
