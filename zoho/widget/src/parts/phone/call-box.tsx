// What is dialled: a number of the record, or on a web tab one that is typed; through the one PBX, or a chosen one.

import { useState } from "preact/hooks";
import { useSantral, useWords } from "../../santral.tsx";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Field } from "../../ui/field.tsx";
import { Notice } from "../../ui/notice.tsx";
import { phoneWords, providerName } from "../../words/phone.ts";
import { isBusy, type Phone } from "./line.ts";
import { useTelephone, type Told } from "./phone.tsx";

export function CallBox({ phones }: { phones: Phone[] }) {
  const t = useWords(phoneWords);
  const { host } = useSantral();
  const { line, doing, told, dial } = useTelephone();
  const numbers = host.place?.numbers ?? [];
  const [number, setNumber] = useState(numbers[0] ?? "");
  const [chosen, choose] = useState<string | null>(null);
  const phone = phones.find(({ provider }) => provider === chosen) ?? phones[0];
  const unavailable = isBusy(line) || doing === "dial";

  if (!phone) return <Notice kind="warning">{t("noPhone")}</Notice>;
  if (host.place && !numbers.length) return <Empty>{t("noNumber")}</Empty>;
  return (
    <form
      class="call-box"
      onSubmit={(event) => {
        event.preventDefault();
        if (!unavailable) void dial(number.trim(), phone.provider);
      }}
    >
      {host.place ? (
        <Numbers numbers={numbers} number={number} choose={setNumber} />
      ) : (
        <Field label={t("number")} hint={t("numberHint")}>
          <input
            type="tel"
            autoComplete="off"
            required
            maxLength={64}
            value={number}
            onInput={(event) => setNumber(event.currentTarget.value)}
          />
        </Field>
      )}
      {phones.length > 1 && (
        <Field label={t("through")}>
          <select value={phone.provider} onChange={(event) => choose(event.currentTarget.value)}>
            {phones.map(({ provider, extensions: [extension = ""] }) => (
              <option key={provider} value={provider}>
                {t("lineAt", { provider: providerName(provider), extension })}
              </option>
            ))}
          </select>
        </Field>
      )}
      <Button type="submit" kind="primary" unavailable={unavailable}>
        {t("call")}
      </Button>
      {told?.deed === "dial" && <ToldOfDial told={told} />}
    </form>
  );
}

interface NumbersProps {
  numbers: string[];
  number: string;
  choose(number: string): void;
}

function Numbers({ numbers, number, choose }: NumbersProps) {
  const t = useWords(phoneWords);
  if (numbers.length === 1) return <p class="only-number">{number}</p>;
  return (
    <fieldset class="numbers">
      <legend>{t("number")}</legend>
      {numbers.map((it) => (
        <label key={it}>
          <input type="radio" name="number" checked={it === number} onChange={() => choose(it)} />
          {it}
        </label>
      ))}
    </fieldset>
  );
}

function ToldOfDial({ told }: { told: Told }) {
  const t = useWords(phoneWords);
  if (told.repeated) return <Notice kind="info">{t("repeated")}</Notice>;
  if (!told.refusal) return null;
  const consequence = told.refusal.mayHaveHappened ? t("mayRing") : t("notCalled");
  return (
    <Notice kind="failed">
      <strong>{consequence}</strong> {told.refusal.message}
    </Notice>
  );
}
