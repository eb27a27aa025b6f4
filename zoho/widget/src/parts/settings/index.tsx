import { Loading } from "../../ui/loading.tsx";

export function Settings(_: { shown: boolean }) {
  return <Loading />;
}
