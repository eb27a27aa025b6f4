import { useWords } from "../../santral.tsx";
import { Button } from "../../ui/button.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Notice } from "../../ui/notice.tsx";
import { phoneWords, providerName } from "../../words/phone.ts";
import { CallBox } from "./call-box.tsx";
import { Colleagues } from "./colleagues.tsx";
import { useTelephone } from "./phone.tsx";

export { CurrentCall } from "./current-call.tsx";
export { PhoneProvider } from "./phone.tsx";

export function Phone({ shown }: { shown: boolean }) {
  const t = useWords(phoneWords);
  const { phones, blind, unread, look } = useTelephone();
  return (
    <div class="stack wide">
      {blind && (
        <div class="failed">
          <Notice kind="warning">
            {t("blind")} {blind.message}
          </Notice>
          <Button onPress={look}>{t("refresh")}</Button>
        </div>
      )}
      {unread.length > 0 && (
        <Notice kind="warning">{t("unread", { providers: unread.map(providerName).join(", ") })}</Notice>
      )}
      {phones === null && !blind && <Loading rows={4} />}
      {phones && <CallBox phones={phones.filter(({ can }) => can.includes("dial"))} />}
      {phones
        ?.filter(({ can }) => can.includes("list_extensions"))
        .map(({ provider, extensions }) => (
          <Colleagues key={provider} provider={provider} own={extensions} shown={shown} />
        ))}
    </div>
  );
}
