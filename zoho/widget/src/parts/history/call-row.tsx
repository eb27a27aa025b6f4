// One call: a line that says what it was, and what can be done about it when it is opened.

import { useState } from "preact/hooks";
import type { Call } from "../../api/client.ts";
import { useSantral, useWords } from "../../santral.tsx";
import { Button } from "../../ui/button.tsx";
import { directionWords, historyWords } from "../../words/history.ts";
import { endingWords, providerName } from "../../words/phone.ts";
import { duration, moment } from "../../words/time.ts";
import { OutcomeForm } from "../outcomes/index.tsx";
import { otherParty } from "../phone/line.ts";
import { Player } from "./player.tsx";

const ARROWS = {
  inbound: "M13 3 5 11M5 4v7h7",
  outbound: "M4 12 12 4M5 4h7v7",
  internal: "M3 8h10M10 5l3 3-3 3M6 5 3 8l3 3",
};
const playable = ({ recording }: Call) => recording === "ready" || recording === "pending";

export function CallRow({ call, onSaved }: { call: Call; onSaved(): void }) {
  const t = useWords(historyWords);
  const { language } = useSantral();
  const [open, setOpen] = useState(false);
  const [listening, listen] = useState(false);
  const over = call.state === "ended";
  const missed = over && call.direction === "inbound" && call.disposition !== "answered";
  const details = `details-${call.call_id.replace(/\W/g, "-")}`;
  return (
    <li data-call={call.call_id}>
      <div class="call-row">
        <button
          type="button"
          class="summary"
          aria-expanded={open}
          aria-controls={details}
          onClick={() => setOpen((before) => !before)}
        >
          <Arrow call={call} missed={missed} />
          <span class="what">
            <Title call={call} missed={missed} />
            <span class="facts">
              <Facts call={call} />
            </span>
          </span>
          <span class="when">
            {call.started_at && <time dateTime={call.started_at}>{moment(call.started_at, language)}</time>}
            {!!call.talk_seconds && <span class="facts">{duration(call.talk_seconds)}</span>}
          </span>
        </button>
        {playable(call) && !listening && (
          <Button kind="quiet" aria-label={t("play")} onPress={() => listen(true)}>
            <svg width="14" height="14" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">
              <path d="M4 2.5v11l9-5.5z" />
            </svg>
          </Button>
        )}
      </div>
      {listening && <Player callId={call.call_id} />}
      <div id={details} class="details stack" hidden={!open}>
        {open && <Details call={call} onSaved={onSaved} />}
      </div>
    </li>
  );
}

function Arrow({ call, missed }: { call: Call; missed: boolean }) {
  return (
    <svg
      class={missed ? "arrow missed" : "arrow"}
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      aria-hidden="true"
    >
      <path d={ARROWS[call.direction ?? "internal"]} />
    </svg>
  );
}

function Title({ call, missed }: { call: Call; missed: boolean }) {
  const t = useWords(historyWords);
  const direction = useWords(directionWords);
  const ending = useWords(endingWords);
  const what = missed ? t("missed") : call.direction ? direction(call.direction) : t("call");
  const said =
    call.state !== "ended" ? t("going") : missed || call.disposition === "answered" ? "" : ending(call.disposition);
  return <span class="title">{[what, said].filter(Boolean).join(", ")}</span>;
}

function Facts({ call }: { call: Call }) {
  const t = useWords(historyWords);
  const { host } = useSantral();
  const facts = [
    // Beside a record it is clear with whom it was, unless the record has several numbers.
    (host.place?.numbers.length ?? 0) !== 1 && (call.record?.name ?? call.caller_name ?? otherParty(call)),
    call.extension && t("extension", { extension: call.extension }),
    call.outcome,
  ];
  return <>{facts.filter(Boolean).join(" · ")}</>;
}

function Details({ call, onSaved }: { call: Call; onSaved(): void }) {
  const t = useWords(historyWords);
  const { host } = useSantral();
  const record = call.record && call.record.id !== host.place?.id ? call.record : null;
  const facts = [
    call.direction === "inbound" ? t("from", { number: call.from ?? "–" }) : t("to", { number: call.to ?? "–" }),
    providerName(call.provider),
    call.queue && t("queue", { queue: call.queue }),
    call.agent && t("agent", { agent: call.agent }),
    !!call.ring_seconds && t("rang", { time: duration(call.ring_seconds) }),
    call.transferred_to && t("handedTo", { extension: call.transferred_to }),
  ];
  const canBeJudged = call.state === "ended" && call.direction !== "internal";
  return (
    <>
      <p class="facts">{facts.filter(Boolean).join(" · ")}</p>
      {call.recording === "unavailable" && <p class="facts">{t("unavailable")}</p>}
      {call.recording === "erased" && <p class="facts">{t("erased")}</p>}
      {record && (
        <div>
          <Button onPress={() => host.openRecord(record.module, record.id)}>
            {t("openRecord", { name: record.name ?? t("record") })}
          </Button>
        </div>
      )}
      {canBeJudged && <OutcomeForm call={call} onSaved={onSaved} />}
    </>
  );
}
