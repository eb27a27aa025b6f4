import type { ComponentChildren } from "preact";
import { Loading } from "../../ui/loading.tsx";

export const PhoneProvider = ({ children }: { children: ComponentChildren }) => <>{children}</>;
export const CurrentCall = () => null;
export const Phone = (_: { shown: boolean }) => <Loading />;
