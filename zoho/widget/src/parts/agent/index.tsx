// The user as an agent of the call centre: logged in or out, on a break or back. Shown to agents alone.

import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { useLoaded } from "../../api/loading.ts";
import { Refusal } from "../../api/refusal.ts";
import { useSantral, useWords } from "../../santral.tsx";
import { Button } from "../../ui/button.tsx";
import { Failed } from "../../ui/failed.tsx";
import { useKeptFocus } from "../../ui/kept-focus.ts";
import { Notice } from "../../ui/notice.tsx";
import { Tag } from "../../ui/tag.tsx";
import { agentWords } from "../../words/agent.ts";
import { duration } from "../../words/time.ts";
import { useTelephone } from "../phone/phone.tsx";
import { useNow } from "../phone/ticking.ts";
import { useStanding, type Standing } from "./standing.ts";

export function AgentBar() {
  const { agent } = useTelephone();
  return agent === null ? null : <Bar agent={agent} />;
}

const ME = { path: { agent: "me" } };
const KINDS = { available: "good", break: "warning", offline: "plain", unknown: "plain" } as const;

function Bar({ agent }: { agent: string }) {
  const t = useWords(agentWords);
  const { api } = useSantral();
  const [standing, become] = useStanding(agent);
  const [choosing, choose] = useState(false);
  const [acting, setActing] = useState(false);
  const [told, tell] = useState<{ kind: "done" | "failed"; sentence: string } | null>(null);
  const state = standing?.state ?? "unknown";
  const box = useRef<HTMLElement>(null);
  useKeptFocus(box);

  async function act(work: () => Promise<string | void>) {
    if (acting) return;
    setActing(true);
    tell(null);
    try {
      const sentence = await work();
      choose(false);
      if (sentence) tell({ kind: "done", sentence });
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      tell({ kind: "failed", sentence: refusal.message });
    } finally {
      setActing(false);
    }
  }
  const logIn = async () => {
    await api.post("/agents/{agent}/login", { ...ME, body: {} });
    become("available");
  };
  const logOut = async () => {
    await api.post("/agents/{agent}/logout", { ...ME, body: {} });
    become("offline");
  };
  const startBreak = async (reason: string) => {
    await api.post("/agents/{agent}/break", { ...ME, body: { break_id: reason } });
    become("break");
  };
  const endBreak = async () => {
    const { seconds } = await api.delete("/agents/{agent}/break", ME);
    become("available");
    return seconds === null ? t("breakOver") : t("breakTook", { time: duration(seconds) });
  };
  const button = (key: "logIn" | "logOut" | "endBreak", work: () => Promise<string | void>) => (
    <Button kind="quiet" unavailable={acting} onPress={() => void act(work)}>
      {t(key)}
    </Button>
  );

  return (
    <section ref={box} class="agent-bar" aria-label={t("bar")}>
      <div class="row">
        <p role="status">
          {t("agent", { agent })} <Tag kind={KINDS[state]}>{t(state)}</Tag>
        </p>
        {standing?.state === "break" && <OnBreak standing={standing} />}
        <div class="row buttons">
          {(state === "offline" || state === "unknown") && button("logIn", logIn)}
          {(state === "available" || state === "unknown") && (
            <Button kind="quiet" aria-expanded={choosing} onPress={() => choose((before) => !before)}>
              {t("takeBreak")}
            </Button>
          )}
          {state === "break" && button("endBreak", endBreak)}
          {(state === "available" || state === "unknown") && button("logOut", logOut)}
        </div>
      </div>
      {choosing && (
        <BreakChoice acting={acting} start={(reason) => void act(() => startBreak(reason))}>
          {/* They may be on one that began elsewhere. */}
          {state === "unknown" && button("endBreak", endBreak)}
        </BreakChoice>
      )}
      {told && <Notice kind={told.kind}>{told.sentence}</Notice>}
    </section>
  );
}

function OnBreak({ standing }: { standing: Standing }) {
  const t = useWords(agentWords);
  const now = useNow(true);
  return (
    <span class="time" role="timer" aria-label={t("sinceBreak")}>
      {duration((now - standing.since) / 1000)}
    </span>
  );
}

interface BreakChoiceProps {
  acting: boolean;
  start(reason: string): void;
  children: ComponentChildren;
}

function BreakChoice({ acting, start, children }: BreakChoiceProps) {
  const t = useWords(agentWords);
  const { api } = useSantral();
  const loaded = useLoaded(() => api.get("/breaks"), [api]);
  const [chosen, choose] = useState<string | null>(null);
  const breaks = loaded.value?.breaks ?? [];
  const reason = chosen ?? breaks[0]?.id;
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        if (reason) start(reason);
      }}
    >
      <Failed loaded={loaded} />
      <select
        class="reason"
        aria-label={t("reason")}
        aria-busy={loaded.state === "loading"}
        value={reason}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        {breaks.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <Button type="submit" unavailable={acting || !reason}>
        {t("startBreak")}
      </Button>
      {children}
    </form>
  );
}
