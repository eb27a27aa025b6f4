import type { ComponentChildren } from "preact";

/** Says that there is nothing, and perhaps what to do about it. */
export const Empty = ({ children }: { children: ComponentChildren }) => <p class="empty">{children}</p>;
