// The calls of the record's numbers, each with its recording and its outcome.

import { useEffect, useState } from "preact/hooks";
import { useAgainWhenShown, useLoaded } from "../../api/loading.ts";
import { Refusal } from "../../api/refusal.ts";
import { useSantral, useWords } from "../../santral.tsx";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Failed } from "../../ui/failed.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Notice } from "../../ui/notice.tsx";
import { historyWords } from "../../words/history.ts";
import { useTelephone } from "../phone/phone.tsx";
import { CallRow } from "./call-row.tsx";
import { firstPages, joined, nextPages, type Pages } from "./pages.ts";

export function History({ shown }: { shown: boolean }) {
  const t = useWords(historyWords);
  const { api, host } = useSantral();
  const { changes } = useTelephone();
  const numbers = host.place?.numbers ?? null;
  const first = useLoaded(() => firstPages(api, numbers), [api]);
  const older = useOlder(first.value);
  useAgainWhenShown(shown, first.again);
  useEffect(() => {
    if (changes) first.again();
  }, [changes]);

  const calls = joined(older.pages.calls, first.value?.calls ?? []);
  return (
    <section class="stack" aria-labelledby="history-title" aria-busy={first.state === "loading"}>
      <div class="row spread">
        <h2 id="history-title">{numbers ? t("ofRecord") : t("ofEverybody")}</h2>
        <Button kind="quiet" onPress={first.again}>
          {t("refresh")}
        </Button>
      </div>
      <Failed loaded={first} />
      {first.state === "loading" && <Loading rows={5} />}
      {first.state === "ready" && !calls.length && <Empty>{numbers ? t("noneOfRecord") : t("none")}</Empty>}
      <ul class="calls">
        {calls.map((call) => (
          <CallRow key={call.call_id} call={call} onSaved={first.again} />
        ))}
      </ul>
      {older.refusal && <Notice kind="failed">{older.refusal.message}</Notice>}
      {older.hasMore && (
        <Button unavailable={older.loading} onPress={older.more}>
          {t("more")}
        </Button>
      )}
    </section>
  );
}

/** The pages after the first, as far as they were asked for. */
function useOlder(first: Pages | null) {
  const { api } = useSantral();
  const [pages, setPages] = useState<Pages>({ calls: [], cursors: {} });
  const [loading, setLoading] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  // Once there are older pages, the first one's cursors are behind them.
  const cursors = Object.keys(pages.cursors).length ? pages.cursors : (first?.cursors ?? {});

  async function more() {
    setLoading(true);
    setRefusal(null);
    try {
      const next = await nextPages(api, cursors);
      setPages((known) => ({ calls: joined(known.calls, next.calls), cursors: next.cursors }));
    } catch (problem) {
      if (!(problem instanceof Refusal)) throw problem;
      setRefusal(problem);
    } finally {
      setLoading(false);
    }
  }
  return { pages, loading, refusal, hasMore: Object.values(cursors).some(Boolean), more: () => void more() };
}
