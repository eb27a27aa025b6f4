// A call's recording: waited for while it is being fetched, then played where the call is listed.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Api } from "../../api/client.ts";
import { Refusal } from "../../api/refusal.ts";
import { useSantral, useWords } from "../../santral.tsx";
import { Button } from "../../ui/button.tsx";
import { useKeptFocus } from "../../ui/kept-focus.ts";
import { Notice } from "../../ui/notice.tsx";
import { historyWords } from "../../words/history.ts";
import { duration } from "../../words/time.ts";

const LOOK_AGAIN = 5_000;
const LOOKS = 12;
const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];
// Neither will be there another time.
const FINAL = [404, 410];

type Sound =
  { state: "fetching" | "late" | "silent" } | { state: "refused"; refusal: Refusal } | { state: "ready"; url: string };

export function Player({ callId }: { callId: string }) {
  const t = useWords(historyWords);
  const [attempt, setAttempt] = useState(0);
  const [sound, setSound] = useSound(callId, attempt);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  useKeptFocus(box);
  useEffect(() => {
    // Whoever waited here goes on with the first control there is.
    if (document.activeElement === box.current) box.current?.querySelector("button")?.focus();
  }, [sound.state]);
  return (
    <div ref={box} class="player" tabIndex={-1} role="group" aria-label={t("recording")}>
      <Content
        sound={sound}
        fail={() => setSound({ state: "silent" })}
        again={() => setAttempt((before) => before + 1)}
      />
    </div>
  );
}

interface ContentProps {
  sound: Sound;
  fail(): void;
  again(): void;
}

function Content({ sound, fail, again: tryAgain }: ContentProps) {
  const t = useWords(historyWords);
  const again = <Button onPress={tryAgain}>{t("playAgain")}</Button>;
  switch (sound.state) {
    case "fetching":
      return (
        <p class="quiet-text" role="status">
          {t("fetching")}
        </p>
      );
    case "ready":
      return <Controls url={sound.url} fail={fail} />;
    case "refused":
      return (
        <div class="failed">
          <Notice kind="failed">{sound.refusal.message}</Notice>
          {!FINAL.includes(sound.refusal.status) && again}
        </div>
      );
    default:
      return (
        <div class="failed">
          <Notice kind={sound.state === "late" ? "warning" : "failed"}>{t(sound.state)}</Notice>
          {again}
        </div>
      );
  }
}

function useSound(callId: string, attempt: number) {
  const { api } = useSantral();
  const [sound, setSound] = useState<Sound>({ state: "fetching" });
  useEffect(() => {
    const stopping = new AbortController();
    setSound({ state: "fetching" });
    void fetched(api, callId, stopping.signal).then((found) => stopping.signal.aborted || setSound(found));
    return () => stopping.abort();
  }, [callId, attempt]);
  return [sound, setSound] as const;
}

async function fetched(api: Api, callId: string, stopping: AbortSignal): Promise<Sound> {
  try {
    for (let look = 0; look < LOOKS && !stopping.aborted; look++) {
      if (look) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
      const told = await api.get("/calls/{call_id}/recording", { path: { call_id: callId } });
      if ("url" in told) return { state: "ready", url: told.url };
    }
    return { state: "late" };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return { state: "refused", refusal };
  }
}

function Controls({ url, fail }: { url: string; fail(): void }) {
  const t = useWords(historyWords);
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(0);
  const [speed, setSpeed] = useState(1);

  function toggle() {
    if (playing) audio.current?.pause();
    else void play();
  }
  async function play() {
    // One voice at a time.
    for (const other of document.querySelectorAll("audio")) if (other !== audio.current) other.pause();
    // The browser may want a click of its own first; the button is there for it.
    await audio.current?.play().catch(() => undefined);
  }
  function seek(seconds: number) {
    if (audio.current) audio.current.currentTime = seconds;
    setAt(seconds);
  }
  function hasten(factor: number) {
    if (audio.current) audio.current.playbackRate = factor;
    setSpeed(factor);
  }
  useEffect(() => {
    void play();
  }, [url]);

  return (
    <>
      <audio
        ref={audio}
        src={url}
        preload="metadata"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
        onDurationChange={(event) => setLength(event.currentTarget.duration || 0)}
        onError={fail}
      />
      <Button aria-label={playing ? t("pause") : t("resume")} onPress={toggle}>
        <svg width="14" height="14" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">
          <path d={playing ? "M3 2h4v12H3zM9 2h4v12H9z" : "M4 2.5v11l9-5.5z"} />
        </svg>
      </Button>
      <input
        type="range"
        aria-label={t("position")}
        aria-valuetext={t("positionAt", { at: duration(at), length: duration(length) })}
        min={0}
        max={Math.max(1, Math.ceil(length))}
        step={1}
        value={Math.floor(at)}
        onInput={(event) => seek(Number(event.currentTarget.value))}
      />
      <span class="time">
        {duration(at)} / {duration(length)}
      </span>
      <select aria-label={t("speed")} value={speed} onChange={(event) => hasten(Number(event.currentTarget.value))}>
        {SPEEDS.map((it) => (
          <option key={it} value={it}>
            {it}×
          </option>
        ))}
      </select>
    </>
  );
}
