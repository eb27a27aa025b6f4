// The widget as a whole: its frame stands at once, and is filled when the host has said where we are.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
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
  // Whoever is quick chooses a tab before the host has answered; it stays theirs, and so does the keyboard's place.
  const [tab, setTab] = useState<TabId>("phone");
  const focused = useRef("");

  useEffect(() => {
    starting.then(
      (started) => {
        focused.current = document.activeElement?.id ?? "";
        setLanguage(keptLanguage() ?? started.language);
        setHost(started);
      },
      (problem: unknown) => setLack(problem instanceof HostMissing ? problem.lack : "other"),
    );
  }, [starting]);
  useEffect(() => {
    if (host && focused.current) document.getElementById(focused.current)?.focus();
  }, [host]);
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
      {lack ? (
        <NotStarted lack={lack} />
      ) : santral ? (
        <Started santral={santral} tab={tab} onTab={setTab} />
      ) : (
        <Starting tab={tab} onTab={setTab} />
      )}
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

interface Choosing {
  tab: TabId;
  onTab(tab: TabId): void;
}

function Starting({ tab, onTab }: Choosing) {
  const t = useWords(widgetWords);
  const tabs = useTabs().map((one) => ({ ...one, panel: () => <Loading rows={3} /> }));
  return (
    <main aria-busy="true">
      <Tabs label={t("parts")} tabs={tabs} chosen={tab} onChoose={onTab} />
    </main>
  );
}

function Started({ santral, tab, onTab }: Choosing & { santral: Santral }) {
  const t = useWords(widgetWords);
  useFittingHeight(santral.host);
  return (
    <SantralContext.Provider value={santral}>
      <PhoneProvider>
        <main>
          <AgentBar />
          <CurrentCall />
          <Tabs label={t("parts")} tabs={useTabs()} chosen={tab} onChoose={onTab} />
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
