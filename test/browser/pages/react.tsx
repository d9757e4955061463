import { TransportProvider } from "@connectrpc/connect-query";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useCancelOperation, useOperation, useOperationProgress } from "longrunning/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { SimulateWork } from "./simulate-work.ts";
import { transportTo } from "./transports.ts";

const address = new URL(location.href).searchParams;

createRoot(document.body).render(
  <StrictMode>
    <TransportProvider transport={transportTo(address.get("server") ?? "", "connect-binary")}>
      <QueryClientProvider client={new QueryClient()}>
        <ul>
          {address.getAll("name").map((name) => (
            <Row key={name} name={name} />
          ))}
        </ul>
      </QueryClientProvider>
    </TransportProvider>
  </StrictMode>,
);

function Row({ name }: { readonly name: string }) {
  const { status, response } = useOperation(SimulateWork, name);
  const { mutate: cancel } = useCancelOperation();
  return (
    <li>
      <output>{response?.payload ?? status}</output> <Steps name={name} />{" "}
      <button type="button" onClick={() => cancel({ name })}>
        Cancel
      </button>
    </li>
  );
}

function Steps({ name }: { readonly name: string }) {
  const done = useOperationProgress(SimulateWork, name, ({ stepsDone }) => stepsDone);
  return <progress max={2} value={done} />;
}
