"""An announcement as one person sees it: their language, a note where it was not translated, the way to stop."""

from __future__ import annotations

from datetime import datetime

from bot.announcements.model import Announcement, Stage
from bot.conversation.actions import choice
from bot.conversation.codes import Verb
from bot.conversation.news import RENEW, STOP
from bot.conversation.vocabulary import Choice, Subscription, Text
from bot.languages.direction import directed
from bot.languages.registry import LANGUAGES
from bot.languages.render import Rendered, button, paragraph


def bulletin(announcement: Announcement, language: str) -> Rendered:
    """The announcement in this language, or in the one that comes nearest, with its frame and its buttons."""
    content = announcement.content
    text, written_in = content.text_for(language, LANGUAGES[language].fallbacks)
    parts = []
    if written_in and written_in != language:
        parts.append(Text("utter_news_other_language", {"language": Text(f"language/{written_in}")}))
    html = [paragraph(part, language) for part in parts]
    html.append(directed(text) if written_in and LANGUAGES[written_in].right_to_left else text)
    if content.venue and content.venue.at:
        html.append(paragraph(_when(content.venue.at, language), language))
    html.append(paragraph(Text("utter_news_frame"), language))
    choices = [choice("button_news_stop", Verb.NEWS, f"{STOP}{announcement.id}")]
    if venue := content.venue:
        at = f"mlat={venue.latitude}&mlon={venue.longitude}#map=17/{venue.latitude}/{venue.longitude}"
        choices.insert(0, Choice(Text("button_map"), url=f"https://www.openstreetmap.org/?{at}"))
    return Rendered("\n\n".join(filter(None, html)), tuple((button(each, language),) for each in choices))


def ending(announcement: Announcement, language: str) -> Rendered:
    """What takes the place of the message when it is over, or was withdrawn."""
    name = "utter_news_withdrawn" if announcement.stage is Stage.WITHDRAWN else "utter_news_over"
    return Rendered(paragraph(Text(name), language))


def renewal(subscription: Subscription) -> Rendered:
    """The question whether a subscription that lapses soon shall go on."""
    language = subscription.language
    choices = (choice("button_news_renew", Verb.NEWS, RENEW), choice("button_news_stop", Verb.NEWS, STOP))
    asked = paragraph(Text("utter_news_renew", {"date": subscription.lapses_on}), language)
    return Rendered(asked, tuple((button(each, language),) for each in choices))


def _when(at: datetime, language: str) -> Text:
    values = {"weekday": LANGUAGES[language].weekday(at.date()), "date": at.date(), "time": at.time()}
    return Text("news_at", values)
