"""What a run is about."""

from apps.research.models.follow_up import FollowUp
from apps.research.models.inquiry import VISIBILITIES, Inquiry, Rating, ShareLink
from apps.research.models.report import Citation, Claim, Report

__all__ = ["VISIBILITIES", "Citation", "Claim", "FollowUp", "Inquiry", "Rating", "Report", "ShareLink"]
