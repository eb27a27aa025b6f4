// Whether everything works, who one is, and the language.

import { useLoaded } from "../../api/loading.ts";
import { useSantral, useWords } from "../../santral.tsx";
import { Field } from "../../ui/field.tsx";
import { languageOf } from "../../words/language.ts";
import { settingsWords } from "../../words/settings.ts";
import { providerName } from "../../words/phone.ts";
import { Connection } from "./connection.tsx";
import "./settings.css";

// Each language calls itself by its own name.
const NAMES = { tr: "Türkçe", az: "Azərbaycanca", en: "English" };

export function Settings(_: { shown: boolean }) {
  const t = useWords(settingsWords);
  return (
    <div class="settings">
      <section class="stack" aria-label={t("you")}>
        <h2>{t("you")}</h2>
        <WhoIAm />
        <LanguageChoice />
      </section>
      <Connection />
    </div>
  );
}

function WhoIAm() {
  const { api, host } = useSantral();
  const t = useWords(settingsWords);
  const { user, place } = host;
  // Who is not in the directory has no phones, which is all there is to say of it here.
  const own = useLoaded(() => api.get("/calls/live", { query: { extension: "me" } }), [api]);
  const phones = own.value?.phones ?? [];
  return (
    <dl class="facts">
      {user.name !== user.email && <Fact name={t("name")} value={user.name} />}
      <Fact name={t("email")} value={user.email} />
      {phones.map(({ provider, extensions }) => (
        <Fact
          key={provider}
          name={t("extensionsAt", { provider: providerName(provider) })}
          value={extensions.join(", ")}
        />
      ))}
      {own.value?.agent && <Fact name={t("agent")} value={own.value.agent} />}
      {place && <Fact name={t("record")} value={place.name} />}
    </dl>
  );
}

const Fact = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);

function LanguageChoice() {
  const { language, speak } = useSantral();
  const t = useWords(settingsWords);
  return (
    <Field label={t("language")} hint={t("languageKept")}>
      <select value={language} onChange={(event) => speak(languageOf(event.currentTarget.value) ?? language)}>
        {Object.entries(NAMES).map(([code, name]) => (
          <option key={code} value={code} lang={code}>
            {name}
          </option>
        ))}
      </select>
    </Field>
  );
}
