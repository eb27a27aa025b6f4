// One message, and how far it has come.

import { useSantral, useWords } from "../../santral.tsx";
import { messageWords } from "../../words/messages.ts";
import { clockTime } from "../../words/time.ts";
import { linkOf, type Bubble, type SentState } from "./conversation.ts";

export function BubbleEntry({ bubble }: { bubble: Bubble }) {
  const { language } = useSantral();
  const t = useWords(messageWords);
  const { ours, state, at, reason } = bubble;
  return (
    <li class={`bubble ${ours ? "ours" : "theirs"} ${state === "failed" || state === "unknown" ? "trouble" : ""}`}>
      <span class="unseen">{ours ? t("us") : t("customer")} </span>
      <Content bubble={bubble} />
      <span class="meta">
        {at !== null && <time dateTime={new Date(at).toISOString()}>{clockTime(at, language)}</time>}
        {state && <State state={state} />}
      </span>
      {state === "failed" && reason && <p class="reason">{reason}</p>}
      {state === "unknown" && <p class="reason">{t("unknown")}</p>}
    </li>
  );
}

function Content({ bubble }: { bubble: Bubble }) {
  const t = useWords(messageWords);
  if (bubble.fileName === null) return <span class="text">{bubble.text}</span>;
  const name = bubble.fileName || t("file");
  const link = linkOf(bubble);
  return (
    <span class="text file">
      <Icon path="M9.5 1.5h-6v13h9v-10zM9.5 1.5v3h3" />
      {link ? (
        <a href={link} target="_blank" rel="noreferrer">
          {name}
          <span class="unseen"> ({t("fileOpens")})</span>
        </a>
      ) : (
        name
      )}
    </span>
  );
}

const CLOCK = "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.7V8l2.2 1.6";
const TICK = "M2.5 8.6l3.2 3.2 7-7.4";
const TICKS = "M.8 8.6L4 11.8l6.6-7.4M7.6 11.2l.6.6 7-7.4";
const PATHS: Record<SentState, string> = {
  uploading: CLOCK,
  sending: CLOCK,
  accepted: CLOCK,
  sent: TICK,
  delivered: TICKS,
  read: TICKS,
  failed: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.8v4M8 10.9v.4",
  unknown: "M5.2 6a2.8 2.8 0 1 1 4.3 2.4c-.9.6-1.5 1-1.5 2.1M8 12.8v.4",
};
// What lasts is said by the sign alone; what is passing, or not as wished, in words as well.
const SPELLED: readonly SentState[] = ["uploading", "sending", "failed"];

function State({ state }: { state: SentState }) {
  const t = useWords(messageWords);
  const label = state === "unknown" ? "?" : t(state);
  return (
    <span class={`state ${state}`} title={label} data-state={state}>
      <Icon path={PATHS[state]} />
      {state !== "unknown" && <span class={SPELLED.includes(state) ? "" : "unseen"}>{label}</span>}
    </span>
  );
}

const Icon = ({ path }: { path: string }) => (
  <svg viewBox="0 0 16 16" width="15" height="15" aria-hidden="true">
    <path
      d={path}
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      stroke-linejoin="round"
    />
  </svg>
);
