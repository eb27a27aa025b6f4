import { Loading } from "../../ui/loading.tsx";

export const History = (_: { shown: boolean }) => <Loading />;
