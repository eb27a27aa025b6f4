import { useWords } from "../santral.tsx";
import { widgetWords } from "../words/widget.ts";

/** Grey rows in the place of what comes; `rows` as many as will about fill it, so that nothing jumps. */
export function Loading({ rows = 2 }: { rows?: number }) {
  const t = useWords(widgetWords);
  return (
    <div class="loading" role="status">
      <span class="unseen">{t("loading")}</span>
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} class="skeleton" aria-hidden="true" />
      ))}
    </div>
  );
}
