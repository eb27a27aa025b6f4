import type { ComponentChildren } from "preact";

/** A short word about a state. Its colour says nothing that the word does not. */
export const Tag = ({
  kind = "plain",
  children,
}: {
  kind?: "plain" | "good" | "warning" | "bad";
  children: ComponentChildren;
}) => <span class={`tag ${kind}`}>{children}</span>;
