// What each key of a menu leads to.

import type { Schemas } from "../../api/client.ts";
import { useWords } from "../../santral.tsx";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { campaignWords } from "../../words/campaigns.ts";
import { HANG_UP, KEYS } from "./order.ts";

interface MenuProps {
  targets: Record<string, string>;
  queues: Schemas["Queue"][];
  onChange(targets: Record<string, string>): void;
}

export function Menu({ targets, queues, onChange }: MenuProps) {
  const t = useWords(campaignWords);
  const keys = KEYS.filter((key) => key in targets);
  const last = keys[keys.length - 1];
  const next = KEYS.find((key) => !(key in targets));
  return (
    <fieldset class="fields">
      <legend>{t("menu")}</legend>
      {keys.map((key) => (
        <Field key={key} label={t("key", { key })}>
          <select value={targets[key]} onChange={(event) => onChange({ ...targets, [key]: event.currentTarget.value })}>
            <option value={HANG_UP}>{t("hangUp")}</option>
            {queues.map(({ queue, name }) => (
              <option key={queue} value={`queue/${queue}`}>
                {t("toQueue", { queue: `${queue} ${name}` })}
              </option>
            ))}
          </select>
        </Field>
      ))}
      <div class="row">
        {next && (
          <Button kind="quiet" onPress={() => onChange({ ...targets, [next]: HANG_UP })}>
            {t("keyAdd", { key: next })}
          </Button>
        )}
        {last && keys.length > 1 && (
          <Button
            kind="quiet"
            onPress={() => onChange(Object.fromEntries(Object.entries(targets).filter(([key]) => key !== last)))}
          >
            {t("keyRemove", { key: last })}
          </Button>
        )}
      </div>
    </fieldset>
  );
}
