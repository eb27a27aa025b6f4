"""VirtualATS, the PBX of Azerizone (Azerbaijan): dials, call history, extensions, recordings and its webhook.

Facts come from the provider's document, "API istifadə etməklə VirtualATS ilə inteqrasiya" (my.azerizone.net, knowledge
base, article 1), named here by its own headings. Nothing else about this API is public. What the document leaves open
is decided here, and each decision has a test of its name:

T1   A request with query parameters only signs nothing but its token; `options.sign_query` knows the alternatives.
T2   A webhook's signature is verified over the very bytes received, before anything reads or repairs them.
T3   Whether the webhook carries a signature is not stated: `apiKey` always counts, a signature where there is one;
     `options.require_signature` insists on it.
T4   Our answer to a webhook is signed as well, over exactly the bytes sent.
T5   A signed answer is verified: a wrong signature is reported, and refused under `require_signature`.
T6   The download link's sample shows a signature of two parts; the text says three, and three are sent.
T7   A token is made per request; one received may differ from our clock by five minutes. Repeated events need no
     memory of signatures, since folding an event twice changes nothing.
T8   A public key may hold a colon: the last two parts are token and signature.
T9   A time without an offset is Baku's; a stated offset counts, though the samples' +0300 is not Baku's.
T10  Dates come with one or two digits for the day, and with or without a blank before the offset.
T11  Seconds come as text, number, empty or null.
T12  The document's samples are no JSON; see santral.providers.lenient_json.
T13  The document's URLs are wrapped by the page; a value in them is never cut.
T14  A word the document does not list is kept as the reason, and means "unknown".
T15  (Which other products share this engine changes nothing here.)
"""

from santral.providers.virtualats.client import VirtualAts, VirtualAtsCredentials

__all__ = ["VirtualAts", "VirtualAtsCredentials"]
