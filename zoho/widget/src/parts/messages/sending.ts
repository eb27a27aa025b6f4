// Sending to one number. What is sent is shown at once and never sent again by us; how far it has come is asked for.

import { useRef, useState } from "preact/hooks";
import type { Api } from "../../api/client.ts";
import { Refusal } from "../../api/refusal.ts";
import { useSantral, useWords } from "../../santral.tsx";
import { messageWords } from "../../words/messages.ts";
import { equalsOf, isOnItsWay, withoutSignature, type PastMessage, type SentMessage } from "./conversation.ts";

/** What was sent to each number since the page was opened. */
export type Memory = Map<string, SentMessage[]>;

export interface Sending {
  sent: SentMessage[];
  isBusy: boolean;
  /** What has to be said besides the bubbles. */
  told: string;
  /** Each returns whether it left, or may have: then it must not be offered again. */
  sendText(text: string): Promise<boolean>;
  sendFile(file: File): Promise<boolean>;
  /** Asks how far the messages on their way have come. */
  follow(): Promise<void>;
}

// Older ones were either read by now or will not be for long.
const MOST_FOLLOWED = 5;

class NotUploaded extends Error {}

let made = 0;

export function useSending(phone: string, memory: Memory, past: PastMessage[], channelId: string | null): Sending {
  const { api, host } = useSantral();
  const t = useWords(messageWords);
  const [sent, setSent] = useState<SentMessage[]>(() => memory.get(phone) ?? []);
  const [inTurn, setInTurn] = useState(0);
  const [told, tell] = useState("");
  const turn = useRef<Promise<unknown>>(Promise.resolve());
  const known = () => memory.get(phone) ?? [];

  // Into the memory first: an answer may come when another number is shown already.
  function keep(messages: SentMessage[]) {
    memory.set(phone, messages);
    setSent(messages);
  }
  const change = (key: string, news: Partial<SentMessage>) =>
    keep(known().map((message) => (message.key === key ? { ...message, ...news } : message)));

  function add(message: Pick<SentMessage, "text" | "fileName" | "state">): string {
    const key = `sent ${++made}`;
    // What never left was offered again; its bubble has served.
    const kept = ({ state, messageId }: SentMessage) => state !== "failed" || messageId !== null;
    const equals = equalsOf(past, message.text).length;
    const added = { ...message, key, messageId: null, reason: null, at: Date.now(), equals };
    keep([...known().filter(kept), added]);
    return key;
  }

  /** Sends after what was sent before, so that messages arrive as they were written. */
  function afterThose(act: () => Promise<boolean>): Promise<boolean> {
    tell("");
    setInTurn((count) => count + 1);
    const acting = turn.current.then(act, act).finally(() => setInTurn((count) => count - 1));
    turn.current = acting;
    return acting;
  }

  async function deliver(key: string, content: { text: string } | Uploaded): Promise<boolean> {
    const record = host.place && { module: host.place.module, id: host.place.id, name: host.place.name };
    try {
      const accepted = await api.post("/messages", { body: { to: phone, channel_id: channelId, record, ...content } });
      if (known().some(({ messageId }) => messageId === accepted.message_id)) {
        keep(known().filter((message) => message.key !== key));
        tell(t("sentAlready"));
      } else if (accepted.state !== "received") {
        change(key, { messageId: accepted.message_id, state: accepted.state });
      }
      return true;
    } catch (problem) {
      if (!(problem instanceof Refusal)) throw problem;
      change(key, { state: problem.mayHaveHappened ? "unknown" : "failed", reason: problem.message });
      return problem.mayHaveHappened;
    }
  }

  function sendText(text: string): Promise<boolean> {
    const key = add({ text, fileName: null, state: "sending" });
    return afterThose(() => deliver(key, { text }));
  }

  function sendFile(file: File): Promise<boolean> {
    const key = add({ text: null, fileName: file.name, state: "uploading" });
    return afterThose(async () => {
      try {
        const uploaded = await upload(api, file);
        change(key, { text: withoutSignature(uploaded.file_url), state: "sending" });
        return await deliver(key, uploaded);
      } catch (problem) {
        if (!(problem instanceof Refusal || problem instanceof NotUploaded)) throw problem;
        change(key, { state: "failed", reason: problem instanceof Refusal ? problem.message : t("notUploaded") });
        return false;
      }
    });
  }

  async function follow(): Promise<void> {
    const followed = known().filter(isOnItsWay).slice(-MOST_FOLLOWED);
    await Promise.all(
      followed.map(async ({ key, messageId }) => {
        try {
          const { state, reason } = await api.get("/messages/{message_id}", { path: { message_id: messageId ?? "" } });
          if (state !== "received") change(key, { state, reason: reason ?? null });
        } catch (problem) {
          // The next look asks again; until then the bubble says what was last known.
          if (!(problem instanceof Refusal)) throw problem;
        }
      }),
    );
  }

  return { sent, isBusy: inTurn > 0, told, sendText, sendFile, follow };
}

interface Uploaded {
  file_url: string;
  file_name: string;
}

/** Puts a file where WapCRM fetches it. Nothing has been sent yet. */
async function upload(api: Api, file: File): Promise<Uploaded> {
  const content_type = file.type || "application/octet-stream";
  const addresses = await api.post("/message-files", { body: { file_name: file.name, content_type } });
  const put = { method: "PUT", headers: { "Content-Type": content_type }, body: file };
  const answer = await fetch(addresses.upload_url, put).catch(() => null);
  if (!answer?.ok) throw new NotUploaded();
  return { file_url: addresses.file_url, file_name: file.name };
}
