// "Test connection": what GET /status finds, as green, amber and red lines with the way to mend them.

import { useState } from "preact/hooks";
import type { Schemas } from "../../api/client.ts";
import { Refusal } from "../../api/refusal.ts";
import { useSantral, useWords } from "../../santral.tsx";
import { Button } from "../../ui/button.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Tag } from "../../ui/tag.tsx";
import { settingsWords } from "../../words/settings.ts";
import { clockTime } from "../../words/time.ts";

type Status = Schemas["Status"];
type Check = Schemas["Check"];

interface Found {
  status: Status;
  at: number;
}

export function Connection() {
  const { api } = useSantral();
  const t = useWords(settingsWords);
  const [found, setFound] = useState<Found | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [told, tell] = useState("");

  async function test() {
    setBusy(true);
    tell("");
    try {
      setFound({ status: await api.get("/status"), at: Date.now() });
    } catch (problem) {
      if (!(problem instanceof Refusal)) throw problem;
      tell(problem.message);
    } finally {
      setBusy(false);
    }
  }

  return (
    <section class="stack" aria-label={t("connection")}>
      <h2>{t("connection")}</h2>
      <p class="quiet-text">{t("explained")}</p>
      <div class="row">
        <Button kind="primary" unavailable={isBusy} onPress={() => void test()}>
          {isBusy ? t("testing") : t("test")}
        </Button>
      </div>
      {told && <Notice kind="failed">{told}</Notice>}
      {isBusy && !found && <Loading rows={6} />}
      {found && <Findings found={found} />}
    </section>
  );
}

function Findings({ found: { status, at } }: { found: Found }) {
  const { language } = useSantral();
  const t = useWords(settingsWords);
  return (
    <>
      <Summary checks={status.checks} />
      <ul class="checks">
        {[...status.checks].sort(worstFirst).map((check) => (
          <Line key={check.name} check={check} />
        ))}
      </ul>
      <p class="quiet-text">
        {t("version", { version: status.version })} · {t("testedAt", { time: clockTime(at, language) })}
      </p>
    </>
  );
}

type Level = Check["level"];

const LEVELS: readonly Level[] = ["failed", "warning", "ok"];

const worstFirst = (one: Check, other: Check) => LEVELS.indexOf(one.level) - LEVELS.indexOf(other.level);

function Summary({ checks }: { checks: Check[] }) {
  const t = useWords(settingsWords);
  const count = (level: Level) => checks.filter((check) => check.level === level).length;
  if (count("failed")) return <Notice kind="failed">{t("someFail", { count: count("failed") })}</Notice>;
  if (count("warning")) return <Notice kind="warning">{t("someWarn", { count: count("warning") })}</Notice>;
  return <Notice kind="done">{t("allWorks")}</Notice>;
}

function Line({ check }: { check: Check }) {
  const t = useWords(settingsWords);
  const verdict = { ok: t("works"), warning: t("lookAt"), failed: t("fails") }[check.level];
  const kind = ({ ok: "good", warning: "warning", failed: "bad" } as const)[check.level];
  return (
    <li class={`check ${kind}`} data-check={check.name}>
      <p>
        <strong>{check.name}</strong> {check.sentence}
      </p>
      <Tag kind={kind}>{verdict}</Tag>
      {check.fix && (
        <p class="fix">
          <strong>{t("fix")}</strong> {check.fix}
        </p>
      )}
    </li>
  );
}
