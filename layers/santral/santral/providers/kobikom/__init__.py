"""Kobikom, the PBX of the "Çağrı Merkezi API": calls, agents, queues, campaigns and recordings of a call center.

Facts come from the provider's document, "Çağrı Merkezi Api Dökümanı" (yardim.kobikom.com.tr), named here by its own
headings. The PBX is an Asterisk with a call-center dialler, and so its words are read where the document only repeats
them: a call record's columns are those of Asterisk's `cdr`, live channels those of `core show channels concise`. What
the document leaves open is decided here, and each decision has a test of its name:

P1   Errors are not documented: a `result` that is not true, `error`, `errors` or `hata` is a refusal.
P2   `result` is true as true, "true", 1, "ok" or "success"; a list without `result` is a success.
P3   Rows come as a list, as an object with the keys 0, 1, 2, as the one row itself, or not at all.
P4   Which name holds the rows differs between modules, and between XML and JSON; any of them is taken.
P5   The document's JSON samples are partly no JSON; see `santral.providers.kobikom.repair`.
P6   Nor are all its XML samples XML. Entities and document types are refused, repaired or not.
P7   JSON is asked for everywhere (`type`, for breaks `tip` as well), and what comes is told by its first character.
P8   Dates go out as 2026-01-15, times as 09:30:00; what comes without a zone is Istanbul's.
P9   Arrays go out as `dynmembers[]=100&dynmembers[]=101`; `options.array_style` knows the comma.
P10  The vendor's page of 2017 has other names for createQueue; the document's own are used.
P11  `limit` is a number of rows, whatever the document's copied line says.
P12  A download that failed is told by its first bytes: audio begins with RIFF, ID3, 0xFF or OggS, words do not.
P13  A dial tells no call id; its call is found later, among the live calls or in the call records.
P14  There are no webhooks: calls are polled.

Beyond these: whether `bitis_tarihi` includes its day is not said, so the day after is asked for and what is too much
left out. `sure` is one of Asterisk's two durations, the document does not say which: an answered call's counts as talk.
A queue answers before its agents do: a call that ended in a queue without an inner channel was abandoned.
"""

from santral.providers.kobikom.client import Kobikom, KobikomCredentials

__all__ = ["Kobikom", "KobikomCredentials"]
