import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";

/**
 * Keeps the keyboard in its place: when the control that had the focus goes from `box`, the first one left there gets
 * it, else `box` itself.
 */
export function useKeptFocus(box: RefObject<HTMLElement | null>): void {
  const held = box.current?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    if (!held || box.current?.contains(document.activeElement)) return;
    (box.current?.querySelector<HTMLElement>("button, input, select") ?? box.current)?.focus();
  });
}
