// Campaigns as an administrator sees them: those there are, what they have reached, and a new one.

import { useRef, useState } from "preact/hooks";
import { useLoaded } from "../../api/loading.ts";
import { useLooking } from "../../api/watching.ts";
import { useSantral, useWords } from "../../santral.tsx";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Failed } from "../../ui/failed.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Notice } from "../../ui/notice.tsx";
import { campaignWords } from "../../words/campaigns.ts";
import { NewCampaign, type JustCreated } from "./creating.tsx";
import { CampaignEntry } from "./entry.tsx";
import { contactsOf, type Contact } from "./order.ts";
import "./campaigns.css";

const LIST_SECONDS = 30;

export function Campaigns({ shown }: { shown: boolean }) {
  const { api, host } = useSantral();
  const t = useWords(campaignWords);
  const [isCreating, setCreating] = useState(false);
  const [created, setCreated] = useState<JustCreated>();
  const [people, setPeople] = useState<Contact[]>(() => contactsOf(host.place));
  const opener = useRef<HTMLDivElement>(null);
  const list = useLoaded(async () => (await api.get("/campaigns", { as: "admin" })).campaigns, [api]);
  useLooking(async () => list.again(), shown && list.value ? LIST_SECONDS : null);

  function close() {
    setCreating(false);
    setTimeout(() => opener.current?.querySelector("button")?.focus());
  }
  // Who may not see the campaigns may not make one either.
  if (!list.value) return list.refusal ? <Failed loaded={list} /> : <Loading rows={3} />;
  return (
    <div class="stack" ref={opener}>
      {isCreating ? (
        <NewCampaign
          onCancel={close}
          onCreated={(answer) => {
            setCreated(answer);
            setPeople((before) => [...answer.typed, ...before]);
            close();
            list.again();
          }}
        />
      ) : (
        <div class="row">
          <Button kind="primary" onPress={() => setCreating(true)}>
            {t("create")}
          </Button>
        </div>
      )}
      {created && !isCreating && <CreatedNotice created={created} />}
      {list.refusal && <Notice kind="warning">{list.refusal.message}</Notice>}
      {!list.value.length && !isCreating && <Empty>{t("none")}</Empty>}
      <ul class="stack" aria-label={t("title")}>
        {list.value.map((campaign) => (
          <CampaignEntry
            key={campaign.campaign_id}
            campaign={campaign}
            people={people}
            isNew={campaign.campaign_id === created?.campaign_id}
            shown={shown}
            onChanged={list.again}
          />
        ))}
      </ul>
    </div>
  );
}

function CreatedNotice({ created: { name, contacts } }: { created: JustCreated }) {
  const t = useWords(campaignWords);
  const phones = (state: string) => contacts.filter((contact) => contact.state === state).map(({ phone }) => phone);
  const failed = phones("failed");
  const unknown = phones("unknown");
  return (
    <>
      {failed.length ? (
        <Notice kind="warning">{t("notTaken", { name, phones: failed.join(", ") })}</Notice>
      ) : (
        <Notice kind="done">{t("created", { name })}</Notice>
      )}
      {unknown.length > 0 && <Notice kind="warning">{t("mayBeTaken", { phones: unknown.join(", ") })}</Notice>}
    </>
  );
}
