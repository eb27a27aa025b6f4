"""WapCRM: WhatsApp and other chat messages, the calls its users make, and what they say of calls.

Facts come from WapCRM's API document ("WapCRM Api"), named here by its headings. It lists neither status codes nor
webhooks, and describes lists by their meaning alone: codes, webhooks and the fields of users and channels are those of
the vendor's papers as published with a client of the same API (invektoservice, 2026). WapCRM knows no idempotency key
and recognises no repetition: a message sent twice arrives twice. What is left open is decided here, and each decision
has a test of its name:

W1   The key's header is X-CIB-SecretKey; older help pages spell it otherwise, hence `options.header_name`.
W2   A channel's instanceID is a number or, in older papers, a text; what looks like a number is sent as one.
W3   A phone number goes out as digits with its country code, at least nine; a national one is Turkish.
W4   `Incom` 4 (Zoho CRM) goes with `userKey` and without `userID`; an empty user is refused before it is sent.
W5   A message needs a number or an account id, and carries both where both are known.
W6   Which fields of an outcome are required was told by a colour that is lost: we insist on the number, the direction,
     the call's id and its time, send 0 for unknown seconds, and leave out the rest where it is unknown.
W7   Names are sent in the document's casing, and read in any.
W8   An answer's `status` alone says whether it was done; success comes with several codes. 909 is done already.
W9   A sent message's `data` is its id; without one it was accepted all the same.
W10  Dates come in several forms. A message without a readable one has no time; a call without one is not understood.
W11  Ringing and talking come as seconds, or as HH:MM:SS.
W12  The document's samples are no JSON; see santral.providers.lenient_json.
W13  Whether the last day of a report is part of it is not stated: one more is asked for, and the rest left out.
"""

from santral.providers.wapcrm.client import WapCrm, WapCrmCredentials

__all__ = ["WapCrm", "WapCrmCredentials"]
