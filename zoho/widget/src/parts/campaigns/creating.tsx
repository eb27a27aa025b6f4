// The form of a new campaign. It is created once; whether a lost answer created it, the list and the PBX tell.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Schemas } from "../../api/client.ts";
import { useLoaded } from "../../api/loading.ts";
import { Refusal } from "../../api/refusal.ts";
import { useSantral, useWords } from "../../santral.tsx";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Failed } from "../../ui/failed.tsx";
import { Field } from "../../ui/field.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Notice } from "../../ui/notice.tsx";
import { campaignWords } from "../../words/campaigns.ts";
import { providerName } from "../../words/phone.ts";
import {
  contactsOf,
  diallersOf,
  freshDraft,
  kindsOf,
  orderOf,
  readContacts,
  type Contact,
  type Dialler,
  type Draft,
} from "./order.ts";
import { Menu } from "./menu.tsx";

/** A campaign the API has just created, with the contacts as they were typed. */
export type JustCreated = Schemas["Created"] & { name: string; typed: Contact[] };

interface NewCampaignProps {
  onCreated(created: JustCreated): void;
  onCancel(): void;
}

export function NewCampaign(props: NewCampaignProps) {
  const { api } = useSantral();
  const t = useWords(campaignWords);
  const diallers = useLoaded(() => diallersOf(api), [api]);
  if (diallers.state === "loading") return <Loading rows={6} />;
  if (!diallers.value) return <Failed loaded={diallers} />;
  if (!diallers.value[0]) return <Empty>{t("noDialler")}</Empty>;
  return <Form {...props} diallers={diallers.value} first={diallers.value[0]} />;
}

function Form({ diallers, first, onCreated, onCancel }: NewCampaignProps & { diallers: Dialler[]; first: Dialler }) {
  const { api, host } = useSantral();
  const t = useWords(campaignWords);
  const [draft, setDraft] = useState<Draft>(() =>
    freshDraft(first, kindsOf(first)[0] ?? "queue", written(contactsOf(host.place))),
  );
  const [isBusy, setBusy] = useState(false);
  const [told, tell] = useState("");
  const top = useRef<HTMLInputElement>(null);
  useEffect(() => top.current?.focus(), []);

  const dialler = diallers.find(({ provider }) => provider === draft.provider) ?? first;
  const { contacts, unread } = readContacts(draft.contacts);
  const set = (news: Partial<Draft>) => setDraft((before) => ({ ...before, ...news }));

  async function create(event: Event) {
    event.preventDefault();
    if (isBusy) return;
    if (unread) return tell(t("contactsUnread", { line: unread.line, text: unread.text }));
    if (!contacts.length) return tell(t("contactsNeeded"));
    setBusy(true);
    tell("");
    try {
      const created = await api.post("/campaigns", { body: orderOf(draft, contacts), as: "admin" });
      onCreated({ ...created, name: draft.name.trim(), typed: contacts });
    } catch (problem) {
      if (!(problem instanceof Refusal)) throw problem;
      tell(problem.mayHaveHappened ? `${problem.message} ${t("mayExist")}` : problem.message);
      setBusy(false);
    }
  }

  return (
    <form class="stack new-campaign" aria-label={t("create")} onSubmit={(event) => void create(event)}>
      <div class="fields">
        <Field label={t("name")}>
          <input
            ref={top}
            required
            maxLength={128}
            autocomplete="off"
            value={draft.name}
            onInput={(event) => set({ name: event.currentTarget.value })}
          />
        </Field>
        <KindChoice diallers={diallers} draft={draft} onChoose={setDraft} />
        {draft.kind === "queue" && (
          <Choice
            label={t("queueChoice")}
            value={draft.queue}
            options={dialler.queues.map(({ queue, name }) => [queue, `${queue} ${name}`])}
            onChoose={(queue) => set({ queue })}
          />
        )}
        {draft.kind === "ivr" && (
          <Choice
            label={t("announcement")}
            value={draft.announcement}
            options={dialler.announcements.map(({ id, name }) => [id, name])}
            onChoose={(announcement) => set({ announcement })}
          />
        )}
        {dialler.callerIds.length > 0 && (
          <Choice
            label={t("callerId")}
            value={draft.callerId}
            options={dialler.callerIds.map((number) => [number, number])}
            onChoose={(callerId) => set({ callerId })}
          />
        )}
      </div>
      {draft.kind === "ivr" && (
        <Menu targets={draft.targets} queues={dialler.queues} onChange={(targets) => set({ targets })} />
      )}
      <When draft={draft} onChange={set} />
      <Field label={t("contacts")} hint={t("contactsHint")}>
        <textarea rows={4} value={draft.contacts} onInput={(event) => set({ contacts: event.currentTarget.value })} />
      </Field>
      <p class="quiet-text" role="status">
        {t("contactsCount", { count: contacts.length })}
      </p>
      {told && <Notice kind="failed">{told}</Notice>}
      <div class="row">
        <Button type="submit" kind="primary" unavailable={isBusy}>
          {isBusy ? t("submitting") : t("submit")}
        </Button>
        <Button onPress={onCancel}>{t("cancel")}</Button>
      </div>
    </form>
  );
}

const written = (contacts: Contact[]): string => contacts.map(({ phone, name }) => `${phone}, ${name}`).join("\n");

interface KindChoiceProps {
  diallers: Dialler[];
  draft: Draft;
  onChoose(draft: Draft): void;
}

function KindChoice({ diallers, draft, onChoose }: KindChoiceProps) {
  const t = useWords(campaignWords);
  const kinds = diallers.flatMap((dialler) => kindsOf(dialler).map((kind) => ({ dialler, kind })));
  const keyOf = (provider: string, kind: string) => `${provider}/${kind}`;
  return (
    <Choice
      label={t("kind")}
      value={keyOf(draft.provider, draft.kind)}
      options={kinds.map(({ dialler: { provider }, kind }) => [
        keyOf(provider, kind),
        t(kind === "ivr" ? "kindIvr" : "kindQueue", { provider: providerName(provider) }),
      ])}
      onChoose={(key) => {
        const chosen = kinds.find(({ dialler, kind }) => keyOf(dialler.provider, kind) === key);
        // What was typed stays; what is chosen from belongs to the dialler.
        if (chosen) onChoose({ ...freshDraft(chosen.dialler, chosen.kind, draft.contacts), ...typedIn(draft) });
      }}
    />
  );
}

const typedIn = ({ name, startDate, endDate, startTime, endTime, retries }: Draft) => ({
  name,
  startDate,
  endDate,
  startTime,
  endTime,
  retries,
});

interface ChoiceProps {
  label: string;
  value: string;
  options: [value: string, text: string][];
  onChoose(value: string): void;
}

const Choice = ({ label, value, options, onChoose }: ChoiceProps) => (
  <Field label={label}>
    <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
      {options.map(([option, text]) => (
        <option key={option} value={option}>
          {text}
        </option>
      ))}
    </select>
  </Field>
);

function When({ draft, onChange }: { draft: Draft; onChange(news: Partial<Draft>): void }) {
  const t = useWords(campaignWords);
  const fields = [
    { name: "startDate", type: "date", label: t("startDate") },
    { name: "endDate", type: "date", label: t("endDate") },
    { name: "startTime", type: "time", label: t("startTime") },
    { name: "endTime", type: "time", label: t("endTime") },
    { name: "retries", type: "number", label: t("retries") },
  ] as const;
  return (
    <fieldset class="fields narrow">
      <legend>{t("when")}</legend>
      {fields.map(({ name, type, label }) => (
        <Field key={name} label={label}>
          <input
            type={type}
            required
            min={type === "number" ? 0 : undefined}
            max={type === "number" ? 10 : undefined}
            value={draft[name]}
            onInput={(event) => onChange({ [name]: event.currentTarget.value })}
          />
        </Field>
      ))}
    </fieldset>
  );
}
