"""An appointment as a file that the phone's calendar takes (iCalendar, RFC 5545).

Its title tells nothing: calendars are shared, and shown on locked screens.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from icalendar import Calendar, Event

from bot.offers.model import Offer

LASTS = timedelta(hours=1)


def appointment(offer: Offer, title: str, at: datetime) -> bytes:
    """The file for an appointment at this aware time. Holds the address unless it is confidential, and no names."""
    event = Event()
    event.add("uid", str(uuid4()))
    event.add("dtstamp", datetime.now(UTC))
    event.add("dtstart", at.astimezone(UTC))
    event.add("dtend", at.astimezone(UTC) + LASTS)
    event.add("summary", title)
    if offer.place and offer.place.address and not offer.place.confidential:
        event.add("location", offer.place.address)
    calendar = Calendar()
    calendar.add("prodid", "-//Rahnuma//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content
