// The call the user is on, above everything else: whoever rings has to be seen on every tab.

import { useRef } from "preact/hooks";
import { useSantral, useWords } from "../../santral.tsx";
import { Button } from "../../ui/button.tsx";
import { useKeptFocus } from "../../ui/kept-focus.ts";
import { Notice } from "../../ui/notice.tsx";
import { endingWords, phoneWords, providerName } from "../../words/phone.ts";
import { duration } from "../../words/time.ts";
import { OutcomeForm } from "../outcomes/index.tsx";
import { isBusy, secondsOf, type Line } from "./line.ts";
import { useTelephone } from "./phone.tsx";
import { useNow } from "./ticking.ts";
import { Transfer } from "./transfer.tsx";

export function CurrentCall() {
  const t = useWords(phoneWords);
  const { line } = useTelephone();
  return (
    <>
      {/* Stands before there is a call: a screen reader says only what comes into a region it knows. */}
      <p class="unseen" aria-live="assertive">
        {line && <Sentence line={line} />}
      </p>
      {line && (
        <section aria-label={t("currentCall")}>
          <Card line={line} />
          <ToldOfControl />
        </section>
      )}
    </>
  );
}

function Sentence({ line }: { line: Line }) {
  const t = useWords(phoneWords);
  const ending = useWords(endingWords);
  const name = line.name || line.number || t("somebody");
  if (line.lost) return <>{t("lost", { name })}</>;
  switch (line.state) {
    case "requested":
      return <>{t("asked", { name })}</>;
    case "ringing":
      return <>{line.direction === "inbound" ? t("callsYou", { name }) : t("rings", { name })}</>;
    case "answered":
      return <>{t("onPhoneWith", { name })}</>;
    case "ended":
      if (line.handedTo) return <>{t("handedOverTo", { name, extension: line.handedTo })}</>;
      return <>{line.disposition ? t("overAs", { name, ending: ending(line.disposition) }) : t("over", { name })}</>;
  }
}

function Card({ line }: { line: Line }) {
  const t = useWords(phoneWords);
  const { host } = useSantral();
  const { changed, close } = useTelephone();
  const box = useRef<HTMLDivElement>(null);
  useKeptFocus(box);
  const busy = isBusy(line);
  const { record } = line;
  const elsewhere = record && record.id !== host.place?.id ? record : null;
  const facts = [line.name && line.number, providerName(line.provider)].filter(Boolean).join(" · ");
  const shown = line.lost ? "lost" : line.state;
  function dismiss() {
    close();
    document.querySelector<HTMLElement>("[role=tab][aria-selected=true]")?.focus();
  }
  return (
    <div ref={box} class={`current-call ${shown} ${line.direction ?? ""}`} data-state={shown}>
      <div class="row">
        <div class="who">
          <p class="sentence" aria-hidden="true">
            <Sentence line={line} />
          </p>
          <p class="facts">{facts}</p>
          {line.state === "ended" && !line.disposition && !line.handedTo && <p class="facts">{t("recordLater")}</p>}
        </div>
        <Timer line={line} />
        {!busy && (
          <Button kind="quiet" onPress={dismiss}>
            {t("close")}
          </Button>
        )}
      </div>
      <div class="row">
        {busy && !line.shared && <Controls line={line} />}
        {elsewhere && (
          <Button onPress={() => host.openRecord(elsewhere.module, elsewhere.id)}>{t("openRecord")}</Button>
        )}
      </div>
      {line.state === "answered" && <Transfer line={line} />}
      {line.call?.state === "ended" && <OutcomeForm call={line.call} onSaved={changed} />}
    </div>
  );
}

function Timer({ line }: { line: Line }) {
  const t = useWords(phoneWords);
  const seconds = secondsOf(line, useNow(isBusy(line)));
  if (seconds === null) return null;
  return (
    <p class="timer" role="timer" aria-label={t("duration")}>
      {duration(seconds)}
    </p>
  );
}

function Controls({ line }: { line: Line }) {
  const t = useWords(phoneWords);
  const { can, doing, hangUp, mute } = useTelephone();
  const rejects = line.state === "ringing" && line.direction === "inbound";
  const tooEarly = line.callId === null;
  return (
    <>
      {can("hang_up") && (
        <Button kind="danger" unavailable={tooEarly || doing !== null} onPress={() => void hangUp()}>
          {rejects ? t("reject") : t("hangUp")}
        </Button>
      )}
      {can("mute") && line.state === "answered" && (
        <Button unavailable={doing !== null} aria-pressed={line.muted} onPress={() => void mute(!line.muted)}>
          {line.muted ? t("muted") : t("mute")}
        </Button>
      )}
    </>
  );
}

function ToldOfControl() {
  const t = useWords(phoneWords);
  const { told } = useTelephone();
  if (!told?.refusal || told.deed === "dial") return null;
  return (
    <Notice kind="failed">
      {told.refusal.message} {told.refusal.mayHaveHappened && t("mayBeDone")}
    </Notice>
  );
}
