"""Verimor Bulutsantralim (Turkey): click to call, call records and events, recordings, queues and auto-dial campaigns.

Facts come from Verimor's document on auto-dial campaigns (ivr_campaigns.md) and the others of the same public
collection, github.com/verimor/Bulutsantralim-API, named here by their headings. What they leave open or contradict is
decided here, and each decision has a test of its name:

M1   The key goes where the example of each request shows it; `options.key_in_query` puts it into every query.
M2   Campaigns are stopped and deleted at the document's own path, without `.json`.
M3   A wrong key is 401, or any answer that begins "Gecersiz anahtar"; what follows there is the key itself.
M4   Answers are plain text; JSON text, a number, or an object with the value in it mean the same.
M5   Flags and numbers come as texts or as what they are; `recording_present` may also say "deleted".
M6   A time without a zone is Istanbul's. One that cannot be read is left out and makes nothing unread.
M7   Durations are seconds, or hours, minutes and seconds with one or two digits each.
M8   How long to ring is always sent: the documents disagree about the default.
M9   A caller id is optional everywhere.
M10  Webhooks are forms, or JSON; of a field that comes twice the first counts.
M11  Directions come in English and Turkish.
     `Giden (IVR)` is a campaign's call, and so is an event of one that our own outside number makes.
M12  What only third parties use (`/ivr_campaigns/{id}/stop`) is not used.
"""

from santral.providers.verimor.client import Verimor, VerimorCredentials

__all__ = ["Verimor", "VerimorCredentials"]
