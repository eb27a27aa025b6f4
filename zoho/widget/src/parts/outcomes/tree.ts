// The company's tree of results, asked for once however many calls are shown.

import type { Api, Schemas } from "../../api/client.ts";

export type Outcome = Schemas["Outcome"];

const asked = new WeakMap<Api, Promise<Outcome[]>>();

export function treeOf(api: Api): Promise<Outcome[]> {
  const known = asked.get(api);
  if (known) return known;
  const asking = api.get("/call-outcomes").then(({ outcomes }) => outcomes);
  asked.set(api, asking);
  // A refusal is not kept: the next form asks again.
  asking.catch(() => asked.delete(api));
  return asking;
}

/** All that stands below a result, however deep, each named with its way there. */
export function below(outcome: Outcome | undefined, way = ""): { id: number; name: string }[] {
  return (outcome?.children ?? []).flatMap((child) => {
    const name = way ? `${way} › ${child.name}` : child.name;
    return [{ id: child.id, name }, ...below(child, name)];
  });
}
