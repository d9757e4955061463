import { useSyncExternalStore } from "react";

/** Whether anybody can see the page. A tab in the background leaves its connection to the others. */
export function useVisible(): boolean {
  return useSyncExternalStore(onChange, () => document.visibilityState === "visible");
}

function onChange(listener: () => void): () => void {
  document.addEventListener("visibilitychange", listener);
  return () => document.removeEventListener("visibilitychange", listener);
}
