import { Loading } from "../../ui/loading.tsx";

export function Campaigns(_: { shown: boolean }) {
  return <Loading />;
}
