// The company's WhatsApp lines: one answers on the line a customer wrote to, where alone WhatsApp's window is open.

import { useState } from "preact/hooks";
import type { Api, Schemas } from "../../api/client.ts";
import { useLoaded } from "../../api/loading.ts";
import { useSantral, useWords } from "../../santral.tsx";
import { messageWords } from "../../words/messages.ts";
import type { PastMessage } from "./conversation.ts";

type Channel = Schemas["Channel"];

export interface Lines {
  all: Channel[];
  /** Null is the company's default one. */
  chosen: Channel | null;
  choose(channelId: string): void;
}

/** The lines there are, and the one to write on: the customer's latest as long as nobody chooses another. */
export function useLines(past: PastMessage[]): Lines {
  const { api } = useSantral();
  const loaded = useLoaded(() => whatsAppLines(api), [api]);
  const [channelId, choose] = useState<string | null>(null);
  // Where they cannot be read the default one serves.
  const all = loaded.value ?? [];
  const latest = [...past].reverse().find(({ direction }) => direction === "inbound");
  const chosen =
    channelId === null
      ? all.find((line) => latest && isOn(latest, line))
      : all.find((line) => line.channel_id === channelId);
  return { all, chosen: chosen ?? null, choose };
}

async function whatsAppLines(api: Api): Promise<Channel[]> {
  const { channels } = await api.get("/message-channels");
  return channels.filter(({ kind }) => kind === "whatsapp");
}

const isOn = (message: PastMessage, line: Channel): boolean =>
  (message.channel_account ?? "").replace(/\D/g, "") === line.account.replace(/\D/g, "");

/** What was written on a line; everything where it is not known which. */
export const writtenTo = (line: Channel | null, past: PastMessage[]): PastMessage[] =>
  line ? past.filter((message) => message.channel_account === null || isOn(message, line)) : past;

/** Nothing where there is nothing to choose. */
export function LineChoice({ lines: { all, chosen, choose } }: { lines: Lines }) {
  const t = useWords(messageWords);
  if (all.length < 2) return null;
  return (
    <label class="line-choice">
      {t("line")}{" "}
      <select value={chosen?.channel_id ?? ""} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">{t("defaultLine")}</option>
        {all.map(({ channel_id, name, account }) => (
          <option key={channel_id} value={channel_id}>
            {name} ({account})
          </option>
        ))}
      </select>
    </label>
  );
}
