// The widget as a whole: its frame stands at once, and is filled when the host has said where we are.

import { useEffect, useMemo, useState } from "preact/hooks";
import { apiOf } from "./api/client.ts";
import { HostMissing, type Host } from "./host/host.ts";
import { useFittingHeight } from "./host/height.ts";
import { AgentBar } from "./parts/agent/index.tsx";
import { Campaigns } from "./parts/campaigns/index.tsx";
import { History } from "./parts/history/index.tsx";
import { Messages } from "./parts/messages/index.tsx";
import { CurrentCall, Phone, PhoneProvider } from "./parts/phone/index.tsx";
import { Settings } from "./parts/settings/index.tsx";
import { LanguageContext, SantralContext, useWords, type Santral } from "./santral.tsx";
import { Loading } from "./ui/loading.tsx";
import { Notice } from "./ui/notice.tsx";
import { Tabs, type Tab } from "./ui/tabs.tsx";
import { chosenLanguage, keepLanguage, keptLanguage, type Language } from "./words/language.ts";
import { widgetWords } from "./words/widget.ts";

export function Widget({ starting }: { starting: Promise<Host> }) {
  const [host, setHost] = useState<Host | null>(null);
  const [lack, setLack] = useState<HostMissing["lack"] | "other" | null>(null);
  const [language, setLanguage] = useState<Language>(chosenLanguage);

  useEffect(() => {
    starting.then(
      (started) => {
        setLanguage(keptLanguage() ?? started.language);
        setHost(started);
      },
      (problem: unknown) => setLack(problem instanceof HostMissing ? problem.lack : "other"),
    );
  }, [starting]);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);

  const santral = useMemo<Santral | null>(
    () =>
      host && {
        host,
        api: apiOf(host, language),
        language,
        speak: (chosen) => {
          keepLanguage(chosen);
          setLanguage(chosen);
        },
      },
    [host, language],
  );
  return (
    <LanguageContext.Provider value={language}>
      {lack ? <NotStarted lack={lack} /> : santral ? <Started santral={santral} /> : <Starting />}
    </LanguageContext.Provider>
  );
}

type TabId = "phone" | "history" | "messages" | "campaigns" | "settings";

function useTabs(): Tab<TabId>[] {
  const t = useWords(widgetWords);
  return [
    { id: "phone", label: t("phone"), panel: (shown) => <Phone shown={shown} /> },
    { id: "history", label: t("history"), panel: (shown) => <History shown={shown} /> },
    { id: "messages", label: t("messages"), panel: (shown) => <Messages shown={shown} /> },
    { id: "campaigns", label: t("campaigns"), panel: (shown) => <Campaigns shown={shown} /> },
    { id: "settings", label: t("settings"), panel: (shown) => <Settings shown={shown} /> },
  ];
}

function Starting() {
  const t = useWords(widgetWords);
  const tabs = useTabs().map((tab) => ({ ...tab, panel: () => <Loading rows={3} /> }));
  return (
    <main aria-busy="true">
      <Tabs label={t("parts")} tabs={tabs} />
    </main>
  );
}

function Started({ santral }: { santral: Santral }) {
  const t = useWords(widgetWords);
  useFittingHeight(santral.host);
  return (
    <SantralContext.Provider value={santral}>
      <PhoneProvider>
        <main>
          <AgentBar />
          <CurrentCall />
          <Tabs label={t("parts")} tabs={useTabs()} />
        </main>
      </PhoneProvider>
    </SantralContext.Provider>
  );
}

function NotStarted({ lack }: { lack: HostMissing["lack"] | "other" }) {
  const t = useWords(widgetWords);
  const sentence = { zoho: t("notInZoho"), address: t("noAddress"), other: t("notStarted") }[lack];
  return (
    <main>
      <Notice kind="failed">{sentence}</Notice>
    </main>
  );
}
