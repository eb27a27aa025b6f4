// One conversation: its bubbles, how long one may write freely, and the box to write in.

import { useLayoutEffect, useRef } from "preact/hooks";
import { useLoaded } from "../../api/loading.ts";
import { useLooking } from "../../api/watching.ts";
import { useSantral, useWords } from "../../santral.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Failed } from "../../ui/failed.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Notice } from "../../ui/notice.tsx";
import { messageWords } from "../../words/messages.ts";
import { day } from "../../words/time.ts";
import { BubbleEntry } from "./bubble.tsx";
import { Composer } from "./composer.tsx";
import {
  byDay,
  hasNeverWritten,
  isOnItsWay,
  joined,
  windowLeft,
  type Bubble,
  type PastMessage,
} from "./conversation.ts";
import { useSending, type Memory, type Sending } from "./sending.ts";

const CALM_SECONDS = 15;
const HURRIED_SECONDS = 3;
// A message that is not there after a minute may take hours.
const HURRY = 60_000;
const MINUTE = 60_000;
const NEAR_THE_END = 40; // pixels

export function Chat({ phone, shown, memory }: { phone: string; shown: boolean; memory: Memory }) {
  const { api } = useSantral();
  const t = useWords(messageWords);
  const loaded = useLoaded(async () => {
    const { messages } = await api.get("/messages", { query: { phone } });
    return messages;
  }, [api, phone]);
  const sending = useSending(phone, memory, loaded.value ?? []);
  const bubbles = joined(loaded.value ?? [], sending.sent);
  useConversation(loaded.again, sending, shown, loaded.refusal?.retryAfter ?? 0);
  return (
    <section class="chat" aria-label={t("title")}>
      {loaded.state === "loading" && !sending.sent.length ? (
        <div class="log" role="log" aria-label={t("title")}>
          <Loading rows={4} />
        </div>
      ) : (
        <Log bubbles={bubbles} shown={shown} isReady={loaded.value !== null} />
      )}
      {loaded.value ? (
        loaded.refusal && <Notice kind="warning">{t("stale", { reason: loaded.refusal.message })}</Notice>
      ) : (
        <Failed loaded={loaded} />
      )}
      {sending.told && <Notice kind="info">{sending.told}</Notice>}
      <p class="hint window">{loaded.value && <WindowHint past={loaded.value} />}</p>
      <Composer sending={sending} />
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

function Log({ bubbles, shown, isReady }: { bubbles: Bubble[]; shown: boolean; isReady: boolean }) {
  const t = useWords(messageWords);
  const box = useRef<HTMLDivElement>(null);
  // Whoever reads further up stays there; everybody else sees what comes, and what a bubble says later.
  const isAtEnd = useRef(true);
  const latest = bubbles[bubbles.length - 1];
  useLayoutEffect(() => {
    if (latest?.ours) isAtEnd.current = true;
  }, [latest?.key]);
  useLayoutEffect(() => {
    if (box.current && isAtEnd.current) box.current.scrollTop = box.current.scrollHeight;
  });
  const whenScrolled = ({
    currentTarget: { scrollHeight, scrollTop, clientHeight },
  }: {
    currentTarget: HTMLElement;
  }) => {
    if (shown) isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
  };
  return (
    <div class="log" role="log" aria-label={t("title")} tabIndex={0} ref={box} onScroll={whenScrolled}>
      {!bubbles.length && isReady && <Empty>{t("none")}</Empty>}
      {byDay(bubbles).map(({ key, day: moment, bubbles: ofDay }, place) => (
        <div key={`${place} ${key}`} class="stack">
          {moment !== null && <DayHeading moment={moment} />}
          <ul class="stack">
            {ofDay.map((bubble) => (
              <BubbleEntry key={bubble.key} bubble={bubble} />
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

function DayHeading({ moment }: { moment: number }) {
  const { language } = useSantral();
  const t = useWords(messageWords);
  const yesterday = new Date();
  yesterday.setDate(yesterday.getDate() - 1);
  const isOn = (date: Date) => new Date(moment).toDateString() === date.toDateString();
  return (
    <h3 class="day">{isOn(new Date()) ? t("today") : isOn(yesterday) ? t("yesterday") : day(moment, language)}</h3>
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
