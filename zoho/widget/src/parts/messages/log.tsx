// The bubbles of a conversation, day by day.

import { useLayoutEffect, useRef } from "preact/hooks";
import type { Loaded } from "../../api/loading.ts";
import { useSantral, useWords } from "../../santral.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Failed } from "../../ui/failed.tsx";
import { Loading } from "../../ui/loading.tsx";
import { messageWords } from "../../words/messages.ts";
import { day } from "../../words/time.ts";
import { BubbleEntry } from "./bubble.tsx";
import { byDay, type Bubble } from "./conversation.ts";

const NEAR_THE_END = 40; // pixels

interface LogProps {
  bubbles: Bubble[];
  shown: boolean;
  loaded: Loaded<unknown>;
}

export function Log({ bubbles, shown, loaded }: LogProps) {
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
      {!bubbles.length && loaded.state === "loading" && <Loading rows={4} />}
      {!bubbles.length && loaded.state === "ready" && <Empty>{t("none")}</Empty>}
      {!loaded.value && <Failed loaded={loaded} />}
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
