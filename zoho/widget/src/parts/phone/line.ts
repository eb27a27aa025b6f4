// The line: the call the user is on or was on last, and how it goes on by what is heard of it. Pure, so that the rules
// can be tried without a telephone.

import type { Call, Schemas } from "../../api/client.ts";
import type { Place } from "../../host/host.ts";

export type Phone = NonNullable<Schemas["LiveCallList"]["phones"]>[number];
export type CallState = Schemas["CallState"];

export interface Line {
  /** Null until the PBX has taken the order. */
  callId: string | null;
  provider: string;
  direction: Call["direction"];
  /** With whom: their number, and their name where it is known. */
  number: string;
  name: string | null;
  record: Schemas["RecordLink"] | null;
  state: CallState;
  /** How it ended; null where that is only told later. */
  disposition: Call["disposition"] | null;
  /** The call as it was heard of last. */
  call: Call | null;
  /** Milliseconds since 1970. */
  askedAt: number;
  heardAt: number;
  answeredAt: number | null;
  endedAt: number | null;
  /** Whether it was among the calls that go on, and how often it was missing there since. */
  wasSeen: boolean;
  missed: number;
  /** Nothing has been heard of it for too long. */
  lost: boolean;
  muted: boolean;
  /** It rings, and the PBX does not say yet at whose extension: a colleague may take it. */
  shared: boolean;
  /** The colleague's extension it was handed over to. */
  handedTo: string | null;
}

export const PATIENCE = 30_000;
const MISSED_TO_BE_OVER = 2;

export const isBusy = (line: Line | null): line is Line => line !== null && line.state !== "ended" && !line.lost;

const digitsOf = (number: string | null | undefined): string => (number ?? "").replace(/\D/g, "");

/** One number is written in many ways; in its last nine digits they agree. */
export function sameNumber(one: string | null | undefined, other: string | null | undefined): boolean {
  const [first, second] = [digitsOf(one).slice(-9), digitsOf(other).slice(-9)];
  return first.length >= 3 && first === second;
}

const isShared = ({ state, direction, extension, agent }: Call): boolean =>
  state === "ringing" && direction === "inbound" && !extension && !agent;

export const otherParty = (call: Call): string => (call.direction === "inbound" ? call.from : call.to) ?? "";

/** A line for a number that is being dialled. */
export function dialled(number: string, provider: string, place: Place | null, now: number): Line {
  return {
    callId: null,
    provider,
    direction: "outbound",
    number,
    name: place?.name ?? null,
    record: null,
    state: "requested",
    disposition: null,
    call: null,
    askedAt: now,
    heardAt: now,
    answeredAt: null,
    endedAt: null,
    wasSeen: false,
    missed: 0,
    lost: false,
    muted: false,
    shared: false,
    handedTo: null,
  };
}

/** The line of a call that came about without us: it rings here, or the user dialled by hand. */
export function pickedUp(call: Call, place: Place | null, now: number): Line {
  const number = otherParty(call);
  const here = place?.numbers.some((known) => sameNumber(known, number)) ? place : null;
  const line = { ...dialled(number, call.provider, here, now), callId: call.call_id, direction: call.direction };
  return heard({ ...line, askedAt: Date.parse(call.started_at ?? "") || now, wasSeen: true }, call, now);
}

/** The line by what was told of its call. */
export function heard(line: Line, call: Call, now: number): Line {
  const answered = call.state === "answered" || call.disposition === "answered";
  const answeredAt = line.answeredAt ?? (answered ? Date.parse(call.answered_at ?? "") || now : null);
  const talked = answeredAt === null ? null : answeredAt + (call.talk_seconds ?? 0) * 1000;
  const over = call.state === "ended";
  return {
    ...line,
    callId: call.call_id,
    direction: call.direction ?? line.direction,
    name: call.record?.name ?? line.name ?? call.caller_name ?? null,
    record: call.record ?? line.record,
    state: call.state,
    shared: isShared(call),
    disposition: over ? call.disposition : null,
    call,
    heardAt: now,
    answeredAt,
    endedAt: over ? (talked ?? now) : null,
    missed: 0,
  };
}

/** The line of a call that is a colleague's from now on. The ledger hears of it only when the call is over. */
export const handedOver = (line: Line, to: string, now: number): Line => ({
  ...line,
  state: "ended",
  endedAt: now,
  handedTo: to,
});

/** The id a call goes by changes at a PBX that gives it none, but not who talks with whom. */
export const isOf = (line: Line, call: Call): boolean =>
  call.call_id === line.callId || (call.provider === line.provider && sameNumber(otherParty(call), line.number));

/**
 * The line once more was heard: `going` are the user's calls that go on, `known` what the ledger says of this one where
 * it is not among them. A PBX without webhooks tells of an end by listing the call no more. Null when it was none of the
 * user's after all.
 */
export function advanced(line: Line, going: Call[], known: Call | null, now: number): Line | null {
  const mine = going.find((call) => isOf(line, call));
  if (mine) return heard({ ...line, wasSeen: true }, mine, now);
  if (line.shared) return null;
  if (known?.state === "ended") return heard(line, known, now);
  if (line.wasSeen) {
    const missed = line.missed + 1;
    return missed < MISSED_TO_BE_OVER
      ? { ...line, missed }
      : { ...line, state: "ended", disposition: null, endedAt: now };
  }
  if (known && known.state !== line.state) return heard(line, known, now);
  return now - line.heardAt > PATIENCE ? { ...line, lost: true } : line;
}

/**
 * Which of the user's calls takes a free line: one that rings here before one that is talked on, before one that may
 * ring for a colleague; never the one that is over.
 */
export function callForFreeLine(line: Line | null, going: Call[]): Call | null {
  const others = going.filter(({ call_id }) => !line || line.lost || call_id !== line.callId);
  const own = others.filter((call) => !isShared(call));
  return own.find(({ state }) => state === "ringing") ?? own[0] ?? others[0] ?? null;
}

/** Seconds of talking, or of ringing while nobody has answered; null where there is nothing to count. */
export function secondsOf(line: Line, now: number): number | null {
  const since = line.answeredAt ?? (isBusy(line) ? line.askedAt : null);
  return since === null ? null : Math.max(0, ((line.endedAt ?? now) - since) / 1000);
}
