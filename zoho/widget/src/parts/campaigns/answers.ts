// What a campaign's contacts answered, and how many answered the same. No I/O.

import type { Schemas } from "../../api/client.ts";
import type { Translate } from "../../santral.tsx";
import type { campaignWords } from "../../words/campaigns.ts";

export type Result = Schemas["CampaignResult"];

const SIGNS: Record<string, string> = { star: "*", square: "#" };

export function answerOf({ digit, reason, disposition }: Result, t: Translate<typeof campaignWords>): string {
  const pressed = digit ? (SIGNS[digit] ?? digit) : "";
  if (reason === "no_digit") return t("pressedNothing");
  if (reason === "invalid_digit") return t("pressedWrong", { digit: pressed });
  if (pressed) return t("pressed", { digit: pressed });
  return {
    answered: t("answered"),
    no_answer: t("no_answer"),
    busy: t("busy"),
    rejected: t("rejected"),
    failed: t("failedCall"),
    unknown: t("unknownCall"),
  }[disposition];
}

export interface Counted {
  answer: string;
  count: number;
  /** Of all contacts, in whole per cent. */
  share: number;
}

/** Pressed keys first and in their order, then the rest, the most frequent first. */
export function counted(results: Result[], t: Translate<typeof campaignWords>): Counted[] {
  const counts = new Map<string, { count: number; digit: string }>();
  for (const result of results) {
    const answer = answerOf(result, t);
    const digit = result.reason === "invalid_digit" ? "" : (result.digit ?? "");
    counts.set(answer, { count: (counts.get(answer)?.count ?? 0) + 1, digit });
  }
  return [...counts]
    .sort(([, one], [, other]) => order(one.digit) - order(other.digit) || other.count - one.count)
    .map(([answer, { count }]) => ({ answer, count, share: Math.round((100 * count) / results.length) }));
}

const ORDER = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "star", "square"];
const order = (digit: string): number => (digit ? ORDER.indexOf(digit) : ORDER.length);
