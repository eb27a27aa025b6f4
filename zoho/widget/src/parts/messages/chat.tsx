// One conversation: its bubbles, how long one may write freely, and the box to write in.

import { useRef } from "preact/hooks";
import { useLoaded } from "../../api/loading.ts";
import { useLooking } from "../../api/watching.ts";
import { useSantral, useWords } from "../../santral.tsx";
import { Notice } from "../../ui/notice.tsx";
import { messageWords } from "../../words/messages.ts";
import { Composer } from "./composer.tsx";
import { hasNeverWritten, isOnItsWay, joined, windowLeft, type PastMessage } from "./conversation.ts";
import { LineChoice, useLines, writtenTo } from "./lines.tsx";
import { Log } from "./log.tsx";
import { useSending, type Memory, type Sending } from "./sending.ts";

const CALM_SECONDS = 15;
const HURRIED_SECONDS = 3;
// A message that is not there after a minute may take hours.
const HURRY = 60_000;
const MINUTE = 60_000;

export function Chat({ phone, shown, memory }: { phone: string; shown: boolean; memory: Memory }) {
  const { api } = useSantral();
  const t = useWords(messageWords);
  const loaded = useLoaded(async () => {
    const { messages } = await api.get("/messages", { query: { phone } });
    return messages;
  }, [api, phone]);
  const past = loaded.value ?? [];
  const lines = useLines(past);
  const sending = useSending(phone, memory, past, lines.chosen?.channel_id ?? null);
  const isSetUp = loaded.refusal?.code !== "not_configured";
  useConversation(loaded.again, sending, shown, loaded.refusal?.retryAfter ?? 0);
  return (
    <section class="chat" aria-label={t("title")}>
      <Log bubbles={joined(past, sending.sent)} shown={shown} loaded={loaded} />
      {loaded.value && loaded.refusal && (
        <Notice kind="warning">{t("stale", { reason: loaded.refusal.message })}</Notice>
      )}
      {sending.told && <Notice kind="info">{sending.told}</Notice>}
      {isSetUp && (
        <>
          <div class="before-writing">
            <p class="hint window">{loaded.value && <WindowHint past={writtenTo(lines.chosen, past)} />}</p>
            <LineChoice lines={lines} />
          </div>
          <Composer sending={sending} />
        </>
      )}
    </section>
  );
}

/** Looks for what is new: often while a message has just left, calmly otherwise, never while nobody looks. */
function useConversation(again: () => void, sending: Sending, shown: boolean, retryAfter: number) {
  const readAt = useRef(Date.now());
  const isHurried = sending.sent.some((message) => isOnItsWay(message) && Date.now() - message.at < HURRY);
  const calm = Math.max(CALM_SECONDS, retryAfter);
  useLooking(
    async () => {
      // A message in flight might be in the conversation already, and would be seen twice.
      if (sending.isBusy) return;
      await sending.follow();
      if (Date.now() - readAt.current < (calm - 1) * 1000) return;
      readAt.current = Date.now();
      again();
    },
    shown ? (isHurried ? HURRIED_SECONDS : calm) : null,
  );
}

function WindowHint({ past }: { past: PastMessage[] }) {
  const t = useWords(messageWords);
  const left = windowLeft(past, Date.now());
  if (left === null) return hasNeverWritten(past) ? <span class="warning">{t("windowNever")}</span> : null;
  if (left < MINUTE) return <span class="warning">{t("windowOver")}</span>;
  const minutes = Math.floor(left / MINUTE);
  const time =
    minutes < 60
      ? t("minutes", { minutes })
      : t("hoursMinutes", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
  return <>{t("windowOpen", { left: time })}</>;
}
