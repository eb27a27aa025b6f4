"""Campaigns we created, and what became of each of their contacts: one row per campaign, below it one per contact.

A contact's row is folded from notifications by their ids, so neither order nor repetition of them matters.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from santral.calls import Moment, iso
from santral.campaigns import CampaignKind, CampaignResult, CampaignResultEvent
from santral.errors import UnknownCampaign
from santral.phone import to_e164
from santral.store.table import SINGLE, Page, Row, Table, rewrite

_LEAD = "LEAD#"
_LIFE_SECONDS = 400 * 86_400
_PAGE_ROWS = 500
# The index of calls by day serves campaigns as well, on a day that is none.
_ALL = "campaigns"
_START_OF_TIME, _END_OF_TIME = "0", "9"


class CampaignEntry(BaseModel):
    """A campaign as we know it. `state` is on, off or deleted, as far as we switched it ourselves."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="ignore")

    campaign_id: str
    name: str
    kind: CampaignKind
    created_at: Moment
    created_by: str | None = None
    state: str = "on"

    @property
    def provider(self) -> str:
        return self.campaign_id.partition(":")[0]

    def having(self, **changes: Any) -> "CampaignEntry":
        """Return a copy with other values."""
        return self.model_copy(update=changes)


class _Contact(BaseModel):
    """A contact of a campaign: its attempts by the ids of the notifications that told them."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="ignore")

    campaign_id: str
    lead_id: str
    number: str | None = None
    attempts: Mapping[str, CampaignResultEvent] = Field(default_factory=dict)

    def told(self, event: CampaignResultEvent, number: str | None) -> "_Contact":
        """Return it after one more notification; of two contents under one id the greater stands."""
        known = self.attempts.get(event.notification_id)
        attempt = max(filter(None, (known, event)), key=lambda it: it.written())
        numbers = filter(None, (self.number, number))
        return self.model_copy(
            update={
                "attempts": {**self.attempts, event.notification_id: attempt},
                "number": max(numbers, default=None),
            }
        )

    def as_result(self) -> CampaignResult:
        """Return what the attempts say together: the last one's result."""
        told = sorted(self.attempts.values(), key=lambda it: (it.told_at is not None, it.told_at, it.notification_id))
        last = told[-1]
        return CampaignResult(
            phone=self.number,
            campaign_id=self.campaign_id,
            name=last.name,
            status=last.status,
            disposition=last.disposition,
            digit=last.digit,
            attempts=len(told),
            ended_at=last.told_at,
            reason=last.reason,
        )


class Campaigns:
    """The campaigns of one tenant."""

    def __init__(self, table: Table, *, country: str, clock: Callable[[], datetime]) -> None:
        self._table = table
        self._country = country
        self._clock = clock

    def add(self, campaign: CampaignEntry) -> None:
        """Keep a campaign we created. A second one under its id changes nothing."""
        self._table.add(self._row(campaign), now=self._now())

    def get(self, campaign_id: str) -> CampaignEntry:
        """Return a campaign.

        Raises:
            UnknownCampaign: It was not created here.
        """
        row = self._table.get(_key(campaign_id))
        if row is None:
            raise UnknownCampaign("no row for this id")
        return CampaignEntry.model_validate(row)

    def note_state(self, campaign_id: str, state: str) -> None:
        """Remember that a campaign was switched or deleted; one that was not created here needs no memory."""

        def noted(row: Row | None) -> tuple[Row | None, None]:
            if row is None:
                return None, None
            return self._row(CampaignEntry.model_validate(row).having(state=state)), None

        rewrite(self._table, _key(campaign_id), noted, now=self._now())

    def newest(self, *, limit: int = 100) -> list[CampaignEntry]:
        """Return the campaigns created here, newest first."""
        page = self._table.query("by_day", _ALL, between=(_START_OF_TIME, _END_OF_TIME), newest_first=True, limit=limit)
        return [CampaignEntry.model_validate(row) for row in page.rows]

    def tell(self, event: CampaignResultEvent) -> None:
        """Fold a result into its contact. Telling it again changes nothing.

        Raises:
            Conflict: Others kept writing this contact.
        """
        number = (to_e164(event.phone, self._country) or event.phone) if event.phone else None

        def told(row: Row | None) -> tuple[Row | None, None]:
            before = _contact(row) if row else _Contact(campaign_id=event.campaign_id, lead_id=event.lead_id)
            after = before.told(event, number)
            return (None if after == before else self._contact_row(after)), None

        rewrite(self._table, _key(event.campaign_id), told, now=self._now(), sk=_LEAD + event.lead_id)

    def results_of(self, campaign_id: str) -> Iterator[CampaignResult]:
        """Yield results of one campaign's contacts."""
        return _results(partial(self._table.under, _key(campaign_id), prefix=_LEAD, limit=_PAGE_ROWS))

    def results_for(self, phone: str) -> Iterator[CampaignResult]:
        """Yield results of one number (E.164) in any campaign, newest first."""
        return _results(
            partial(
                self._table.query,
                "by_phone",
                _of_campaigns(phone),
                between=(_START_OF_TIME, _END_OF_TIME),
                newest_first=True,
                limit=_PAGE_ROWS,
            )
        )

    def _row(self, campaign: CampaignEntry) -> Row:
        return {
            "pk": _key(campaign.campaign_id),
            "sk": SINGLE,
            "v": 1,
            **campaign.model_dump(mode="json", exclude_none=True),
            "day": _ALL,
            "started_at": iso(campaign.created_at),
            "expires_at": self._now() + _LIFE_SECONDS,
        }

    def _contact_row(self, contact: _Contact) -> Row:
        moments = [told.told_at for told in contact.attempts.values() if told.told_at]
        return {
            "pk": _key(contact.campaign_id),
            "sk": _LEAD + contact.lead_id,
            "v": 1,
            **contact.model_dump(mode="json", exclude_none=True),
            "phone": _of_campaigns(contact.number) if contact.number else None,
            "started_at": iso(max(moments, default=self._clock())),
            "expires_at": self._now() + _LIFE_SECONDS,
        }

    def _now(self) -> int:
        return int(self._clock().timestamp())


def _results(read: Callable[..., Page]) -> Iterator[CampaignResult]:
    start: Row | None = None
    while True:
        page = read(start=start)
        yield from (_contact(row).as_result() for row in page.rows)
        if page.next_key is None:
            return
        start = page.next_key


def _contact(row: Row) -> _Contact:
    return _Contact.model_validate(row)


def _key(campaign_id: str) -> str:
    return f"CAMPAIGN#{campaign_id}"


def _of_campaigns(phone: str) -> str:
    # The index of calls by number serves contacts as well; under a name of their own they never stand among calls.
    return f"CAMPAIGN#{phone}"
