import type { ComponentChildren } from "preact";

/** A sentence that a screen reader says when it comes: a refusal at once, anything else when there is a pause. */
export function Notice({
  kind,
  children,
}: {
  kind: "info" | "done" | "warning" | "failed";
  children: ComponentChildren;
}) {
  return (
    <p class={`notice ${kind}`} role={kind === "failed" ? "alert" : "status"}>
      {children}
    </p>
  );
}
