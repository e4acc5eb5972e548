"""What we hold."""

from apps.library.models.dataset import DEFAULT, REPORTS, Dataset
from apps.library.models.document import Document, DocumentVersion, Passage
from apps.library.models.snapshot import Snapshot, Source

__all__ = ["DEFAULT", "REPORTS", "Dataset", "Document", "DocumentVersion", "Passage", "Snapshot", "Source"]
