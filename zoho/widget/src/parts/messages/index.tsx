// WhatsApp with the customer of the record, or with whoever's number is entered.

import { useRef, useState } from "preact/hooks";
import { useSantral, useWords } from "../../santral.tsx";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Field } from "../../ui/field.tsx";
import { messageWords } from "../../words/messages.ts";
import { Chat } from "./chat.tsx";
import type { Memory } from "./sending.ts";
import "./messages.css";

export function Messages({ shown }: { shown: boolean }) {
  const { host } = useSantral();
  const t = useWords(messageWords);
  const numbers = host.place?.numbers ?? [];
  const [phone, setPhone] = useState(numbers[0] ?? "");
  const memory = useRef<Memory>(new Map());
  if (host.place && !numbers.length) return <Empty>{t("noNumber")}</Empty>;
  return (
    <div class="stack">
      {!host.place && <NumberForm onOpen={setPhone} />}
      {numbers.length > 1 && <NumberChoice numbers={numbers} chosen={phone} onChoose={setPhone} />}
      {phone && <Chat key={phone} phone={phone} shown={shown} memory={memory.current} />}
    </div>
  );
}

function NumberChoice(props: { numbers: string[]; chosen: string; onChoose(number: string): void }) {
  const t = useWords(messageWords);
  return (
    <Field label={t("number")}>
      <select value={props.chosen} onChange={(event) => props.onChoose(event.currentTarget.value)}>
        {props.numbers.map((number) => (
          <option key={number} value={number}>
            {number}
          </option>
        ))}
      </select>
    </Field>
  );
}

function NumberForm({ onOpen }: { onOpen(number: string): void }) {
  const t = useWords(messageWords);
  const [typed, type] = useState("");
  function open(event: Event) {
    event.preventDefault();
    if (typed.trim()) onOpen(typed.trim());
  }
  return (
    <form class="number-form" onSubmit={open}>
      <Field label={t("number")} hint={t("whose")}>
        <input
          type="tel"
          autocomplete="off"
          maxLength={64}
          value={typed}
          onInput={(event) => type(event.currentTarget.value)}
        />
      </Field>
      <Button type="submit" kind="primary">
        {t("openNumber")}
      </Button>
    </form>
  );
}
