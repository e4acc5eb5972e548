"""What a run is about."""

from apps.research.models.inquiry import Inquiry
from apps.research.models.report import Citation, Claim, Report

__all__ = ["Citation", "Claim", "Inquiry", "Report"]
