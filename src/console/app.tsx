import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { Credentials } from "./credentials.ts";
import { Header } from "./header.tsx";
import { OperationList } from "./operation-list.tsx";
import { OperationPage } from "./operation-page.tsx";
import { type ListRoute, START, useRoute } from "./route.ts";
import { SignIn } from "./sign-in.tsx";
import { SimulateDialog } from "./simulate-dialog.tsx";
import { useServices } from "./use-services.ts";

/** The console: the list, one operation, or a question for a token. */
export function App({ credentials }: { readonly credentials: Credentials }) {
  const { token, refusal } = useSyncExternalStore(credentials.subscribe, credentials.state);
  const queries = useQueryClient();
  const use = (next: string) => {
    credentials.use(next);
    // What one caller may see, another may not.
    queries.clear();
  };
  if (refusal !== undefined) {
    return (
      <>
        <Header />
        <SignIn refusal={refusal} hadToken={token !== ""} onToken={use} />
      </>
    );
  }
  return <Pages key={token} onSignOut={token === "" ? undefined : () => use("")} />;
}

function Pages({ onSignOut }: { readonly onSignOut: (() => void) | undefined }) {
  const route = useRoute();
  const services = useServices();
  const [isSimulating, setIsSimulating] = useState(false);
  const list = useRef<ListRoute>(START);
  useEffect(() => {
    if (route.page === "list") list.current = route;
    document.title = route.page === "list" ? "Operations" : `${route.name} · Operations`;
  }, [route]);
  return (
    <>
      <Header
        onSimulate={services.simulator ? () => setIsSimulating(true) : undefined}
        onSignOut={onSignOut}
      />
      {route.page === "list" ? (
        <OperationList route={route} offersWatch={services.watch} />
      ) : (
        <OperationPage key={route.name} name={route.name} offersWatch={services.watch} back={list} />
      )}
      {isSimulating && <SimulateDialog onClose={() => setIsSimulating(false)} />}
    </>
  );
}
