// Handing the call to a colleague: chosen from the PBX's list, or typed where it has none.

import { useState } from "preact/hooks";
import { useLoaded } from "../../api/loading.ts";
import { useSantral, useWords } from "../../santral.tsx";
import { Button } from "../../ui/button.tsx";
import { extensionWords, phoneWords } from "../../words/phone.ts";
import { colleaguesAt } from "./colleagues.tsx";
import type { Line, Phone } from "./line.ts";
import { useTelephone } from "./phone.tsx";

export function Transfer({ line }: { line: Line }) {
  const t = useWords(phoneWords);
  const { phones, can, doing, transfer } = useTelephone();
  const [to, setTo] = useState("");
  const phone = phones?.find(({ provider }) => provider === line.provider);
  if (!phone || !can("transfer")) return null;
  return (
    <form
      class="row transfer"
      onSubmit={(event) => {
        event.preventDefault();
        if (to) void transfer(to);
      }}
    >
      {phone.can.includes("list_extensions") ? (
        <Chosen phone={phone} to={to} choose={setTo} />
      ) : (
        <Typed to={to} choose={setTo} />
      )}
      <Button type="submit" unavailable={doing !== null}>
        {t("transfer")}
      </Button>
    </form>
  );
}

interface ChoiceProps {
  to: string;
  choose(extension: string): void;
}

function Chosen({ phone: { provider, extensions }, to, choose }: ChoiceProps & { phone: Phone }) {
  const t = useWords(phoneWords);
  const state = useWords(extensionWords);
  const { api } = useSantral();
  const colleagues = useLoaded(() => colleaguesAt(api, provider, extensions), [api, provider]);
  // Who has a customer waiting cannot wait for a list.
  if (colleagues.state === "failed") return <Typed to={to} choose={choose} />;
  return (
    <select aria-label={t("colleague")} required value={to} onChange={(event) => choose(event.currentTarget.value)}>
      <option value="">{t("choose")}</option>
      {(colleagues.value ?? []).map((it) => (
        <option key={it.extension} value={it.extension}>
          {[`${it.extension} ${it.name}`.trim(), state(it.state)].join(" – ")}
        </option>
      ))}
    </select>
  );
}

function Typed({ to, choose }: ChoiceProps) {
  const t = useWords(phoneWords);
  return (
    <input
      aria-label={t("colleague")}
      placeholder={t("colleague")}
      inputMode="numeric"
      pattern="[0-9]{2,6}"
      required
      value={to}
      onInput={(event) => choose(event.currentTarget.value)}
    />
  );
}
