import type { Loaded } from "../api/loading.ts";
import { useWords } from "../santral.tsx";
import { widgetWords } from "../words/widget.ts";
import { Button } from "./button.tsx";
import { Notice } from "./notice.tsx";

/** Why something could not be loaded, and a way to try it again. Shows nothing while all is well. */
export function Failed({ loaded }: { loaded: Pick<Loaded<unknown>, "refusal" | "again"> }) {
  const t = useWords(widgetWords);
  if (!loaded.refusal) return null;
  return (
    <div class="failed">
      <Notice kind="failed">{loaded.refusal.message}</Notice>
      <Button onPress={loaded.again}>{t("again")}</Button>
    </div>
  );
}
