"""What a person must know of the cells that the printed code of a paper became, in words."""

from __future__ import annotations

from gptoss_lab.papers.listings import Listing
from gptoss_lab.papers.printed_plan import Plan

MAX_CODE_CHARS = 60


def named_in_text(plan: Plan) -> list[str]:
    """Return the calls that were taken from the text, since the paper prints output without a command."""
    calls = [cell.listings[-1] for cell in plan.cells if cell.listings[-1].named and not cell.reason]
    return [
        f"`{_short(call)}` stands in the text and is taken to have given the output{_page(call)}."
        for call in calls
        if " <- " not in call.source
    ]


def not_run(plan: Plan) -> list[str]:
    """Return the commands that are not run, each with the reason."""
    return [
        f"`{_short(listing)}`{_page(listing)} is not run. {cell.reason}"
        for cell in plan.cells
        if cell.reason
        for listing in cell.listings[:1]
    ]


def _short(listing: Listing) -> str:
    code = " ".join(listing.source.split())
    return code if len(code) <= MAX_CODE_CHARS else f"{code[: MAX_CODE_CHARS - 1]}\u2026"


def _page(listing: Listing) -> str:
    return f" on page {listing.place.page}" if listing.place.page else ""
