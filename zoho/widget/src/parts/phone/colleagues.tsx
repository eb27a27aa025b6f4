// Who can be reached at which extension, as the PBX says.

import type { Api, Schemas } from "../../api/client.ts";
import { useAgainWhenShown, useLoaded } from "../../api/loading.ts";
import { useSantral, useWords } from "../../santral.tsx";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Failed } from "../../ui/failed.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Tag } from "../../ui/tag.tsx";
import { extensionWords, phoneWords, providerName } from "../../words/phone.ts";

type State = keyof typeof extensionWords;
export type Colleague = Omit<Schemas["Extension"], "state"> & { state: State };

/** All extensions of a PBX but one's own; a state it does not explain counts as unknown. */
export async function colleaguesAt(api: Api, provider: string, own: string[]): Promise<Colleague[]> {
  const { extensions } = await api.get("/extensions", { query: { provider } });
  return extensions
    .filter(({ extension }) => !own.includes(extension))
    .map((it) => ({ ...it, state: it.state in extensionWords ? (it.state as State) : "unknown" }));
}

const KINDS = { available: "good", busy: "warning", break: "warning", offline: "plain", unknown: "plain" } as const;

export function Colleagues({ provider, own, shown }: { provider: string; own: string[]; shown: boolean }) {
  const t = useWords(phoneWords);
  const state = useWords(extensionWords);
  const { api } = useSantral();
  const colleagues = useLoaded(() => colleaguesAt(api, provider, own), [api, provider]);
  useAgainWhenShown(shown, colleagues.again);
  return (
    <section class="stack" aria-labelledby={`colleagues-${provider}`}>
      <div class="row spread">
        <h2 id={`colleagues-${provider}`}>{t("colleaguesAt", { provider: providerName(provider) })}</h2>
        <Button kind="quiet" onPress={colleagues.again}>
          {t("refresh")}
        </Button>
      </div>
      <Failed loaded={colleagues} />
      {colleagues.state === "loading" && <Loading rows={3} />}
      {colleagues.value?.length === 0 && <Empty>{t("noColleagues")}</Empty>}
      <ul class="colleagues">
        {colleagues.value?.map((it) => (
          <li key={it.extension}>
            <span class="extension">{it.extension}</span>
            <span class="name">{it.name}</span>
            <Tag kind={KINDS[it.state]}>{state(it.state)}</Tag>
          </li>
        ))}
      </ul>
    </section>
  );
}
