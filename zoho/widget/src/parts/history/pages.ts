// Calls page by page: those of each number of the record, or on a web tab the recent ones of everybody.

import type { Api, Call } from "../../api/client.ts";

const PAGE = 20;
// The ledger keeps calls for 400 days at least; without a period it tells of the last seven.
const REACH_DAYS = 400;

/** Where each number's next page begins; null after the last. A web tab has one entry, of no number. */
export type Cursors = Record<string, string | null>;
export interface Pages {
  calls: Call[];
  cursors: Cursors;
}

const EVERYBODY = "";

/** The first page of each number, newest call first. */
export function firstPages(api: Api, numbers: string[] | null): Promise<Pages> {
  const from = new Date(Date.now() - REACH_DAYS * 86_400_000).toISOString();
  const asked = numbers ?? [EVERYBODY];
  return gathered(
    asked.map(async (number) => {
      const query = number === EVERYBODY ? { limit: PAGE } : { phone: number, from, limit: PAGE };
      return [number, await api.get("/calls", { query })] as const;
    }),
  );
}

/** The next page of each number that has one. */
export function nextPages(api: Api, cursors: Cursors): Promise<Pages> {
  const open = Object.entries(cursors).filter((entry): entry is [string, string] => entry[1] !== null);
  return gathered(
    open.map(async ([number, cursor]) => {
      const query = { limit: PAGE, cursor, ...(number !== EVERYBODY && { phone: number }) };
      return [number, await api.get("/calls", { query })] as const;
    }),
  );
}

type Read = readonly [number: string, page: { calls: Call[]; next_cursor?: string | null }];

async function gathered(reading: Promise<Read>[]): Promise<Pages> {
  const read = await Promise.all(reading);
  return {
    calls: joined(
      [],
      read.flatMap(([, { calls }]) => calls),
    ),
    cursors: Object.fromEntries(read.map(([number, { next_cursor }]) => [number, next_cursor ?? null])),
  };
}

/** Both lists as one, newest call first, each call once and as it was read last. */
export function joined(known: Call[], read: Call[]): Call[] {
  const calls = new Map([...known, ...read].map((call) => [call.call_id, call]));
  const start = ({ started_at }: Call) => Date.parse(started_at ?? "") || 0;
  return [...calls.values()].sort((one, other) => start(other) - start(one));
}
