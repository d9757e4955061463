import { TransportProvider } from "@connectrpc/connect-query";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { Credentials } from "./credentials.ts";
import { mayPass } from "./may-pass.ts";
import { createTransport } from "./transport.ts";

const credentials = new Credentials(sessionStorage);
const transport = createTransport(new URL(".", location.href), credentials);
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What the page shows, it is told of, or asks for again by itself.
      ...{ staleTime: Number.POSITIVE_INFINITY, refetchOnWindowFocus: false, refetchOnReconnect: false },
      // A server on this machine is there without a network, too.
      networkMode: "always",
      retry: (failures, error) => failures < 2 && mayPass(error),
    },
    mutations: { networkMode: "always" },
  },
});
const container = document.getElementById("console");
if (container === null) throw new TypeError("the page has no place for the console");
createRoot(container).render(
  <TransportProvider transport={transport}>
    <QueryClientProvider client={queries}>
      <App credentials={credentials} />
    </QueryClientProvider>
  </TransportProvider>,
);
