// Tabs as the ARIA practices describe them: one of them is reached by Tab, the arrows move among them.

import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";

export interface Tab<Id extends string> {
  id: Id;
  label: string;
  /** What the tab holds; made when it is first shown and kept from then on, so that nothing typed is lost. */
  panel(shown: boolean): ComponentChildren;
}

const STEPS: Record<string, (at: number, count: number) => number> = {
  ArrowRight: (at, count) => (at + 1) % count,
  ArrowLeft: (at, count) => (at + count - 1) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

interface TabsProps<Id extends string> {
  label: string;
  tabs: Tab<Id>[];
  chosen: Id;
  onChoose(id: Id): void;
}

export function Tabs<Id extends string>({ label, tabs, chosen, onChoose }: TabsProps<Id>) {
  const [seen, see] = useState<ReadonlySet<Id>>(new Set([chosen]));
  const list = useRef<HTMLDivElement>(null);

  function show(id: Id) {
    onChoose(id);
    see((before) => new Set(before).add(id));
  }
  function move(event: KeyboardEvent, at: number) {
    const next = STEPS[event.key]?.(at, tabs.length);
    const tab = next === undefined ? undefined : tabs[next];
    if (next === undefined || !tab) return;
    event.preventDefault();
    show(tab.id);
    (list.current?.children[next] as HTMLElement | undefined)?.focus();
  }

  return (
    <>
      <div class="tabs" role="tablist" aria-label={label} ref={list}>
        {tabs.map((tab, at) => (
          <button
            key={tab.id}
            id={`tab-${tab.id}`}
            type="button"
            role="tab"
            aria-selected={tab.id === chosen}
            aria-controls={`panel-${tab.id}`}
            tabIndex={tab.id === chosen ? 0 : -1}
            onClick={() => show(tab.id)}
            onKeyDown={(event) => move(event, at)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      {tabs.map((tab) => (
        <div
          key={tab.id}
          id={`panel-${tab.id}`}
          class="panel"
          role="tabpanel"
          aria-labelledby={`tab-${tab.id}`}
          hidden={tab.id !== chosen}
        >
          {seen.has(tab.id) && tab.panel(tab.id === chosen)}
        </div>
      ))}
    </>
  );
}
