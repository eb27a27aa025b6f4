// One campaign: whether it calls, its results, and its end.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Schemas } from "../../api/client.ts";
import { Refusal } from "../../api/refusal.ts";
import { useSantral, useWords } from "../../santral.tsx";
import { Button } from "../../ui/button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Tag } from "../../ui/tag.tsx";
import { campaignWords } from "../../words/campaigns.ts";
import { providerName } from "../../words/phone.ts";
import { moment } from "../../words/time.ts";
import type { Contact } from "./order.ts";
import { Results } from "./results.tsx";

type Campaign = Schemas["ListedCampaign"];

interface EntryProps {
  campaign: Campaign;
  /** Those whose names are known here. */
  people: Contact[];
  isNew: boolean;
  shown: boolean;
  onChanged(): void;
}

export function CampaignEntry({ campaign, people, isNew, shown, onChanged }: EntryProps) {
  const { api, language } = useSantral();
  const t = useWords(campaignWords);
  const { campaign_id, name, provider, kind, state, created_at, created_by } = campaign;
  const [isOpen, setOpen] = useState(isNew);
  const [isBusy, setBusy] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const [told, tell] = useState("");

  async function change(act: () => Promise<unknown>) {
    if (isBusy) return;
    setBusy(true);
    tell("");
    try {
      await act();
      onChanged();
    } catch (problem) {
      if (!(problem instanceof Refusal)) throw problem;
      tell(problem.message);
    } finally {
      setBusy(false);
      setAsking(false);
    }
  }
  const path = { campaign_id };
  const turn = () =>
    change(() =>
      api.patch("/campaigns/{campaign_id}", {
        path,
        body: { status: state === "on" ? "off" : "on" },
        as: "admin",
      }),
    );
  const remove = () => change(() => api.delete("/campaigns/{campaign_id}", { path, as: "admin" }));

  const facts = [
    providerName(provider),
    kind === "ivr" ? t("ivr") : t("queue"),
    moment(created_at, language),
    created_by,
  ];
  const isGone = state === "deleted";
  return (
    <li class="campaign" data-campaign={campaign_id}>
      <div class="head">
        <h3>{name}</h3>
        <Tag kind={state === "on" ? "good" : "plain"}>
          {state === "on" ? t("on") : state === "off" ? t("off") : isGone ? t("deleted") : state}
        </Tag>
        {!isGone && (
          <button
            type="button"
            role="switch"
            class="switch"
            aria-checked={state === "on"}
            aria-disabled={isBusy}
            aria-label={t("calls", { name })}
            onClick={() => void turn()}
          />
        )}
      </div>
      <p class="quiet-text">{facts.filter(Boolean).join(" · ")}</p>
      <div class="row">
        <Button
          kind="quiet"
          aria-expanded={isOpen}
          aria-label={t("resultsOf", { name })}
          onPress={() => setOpen(!isOpen)}
        >
          {t("results")} {isOpen ? "▴" : "▾"}
        </Button>
        {!isGone && !isAsking && (
          <Button kind="quiet" unavailable={isBusy} onPress={() => setAsking(true)}>
            {t("remove")}
          </Button>
        )}
      </div>
      {isAsking && <Question name={name} isBusy={isBusy} onYes={() => void remove()} onNo={() => setAsking(false)} />}
      {told && <Notice kind="failed">{told}</Notice>}
      {isOpen && <Results campaign={campaign} people={people} goesOn={shown && state === "on"} />}
    </li>
  );
}

function Question({ name, isBusy, onYes, onNo }: { name: string; isBusy: boolean; onYes(): void; onNo(): void }) {
  const t = useWords(campaignWords);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.querySelector<HTMLElement>("button:last-of-type")?.focus(), []);
  return (
    <div class="question" role="group" aria-label={t("removeSure", { name })} ref={box}>
      <p>{t("removeSure", { name })}</p>
      <div class="row">
        <Button kind="danger" unavailable={isBusy} onPress={onYes}>
          {t("removeYes")}
        </Button>
        <Button onPress={onNo}>{t("cancel")}</Button>
      </div>
    </div>
  );
}
