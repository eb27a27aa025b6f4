import { Loading } from "../../ui/loading.tsx";

export function Messages(_: { shown: boolean }) {
  return <Loading />;
}
