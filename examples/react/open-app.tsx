import { TransportProvider } from "@connectrpc/connect-query";
import { createConnectTransport } from "@connectrpc/connect-web";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRoot, type Root } from "react-dom/client";
import { CompressButton } from "./compress-button.tsx";

export function openApp(element: Element, baseUrl: string): Root {
  const transport = createConnectTransport({ baseUrl, useBinaryFormat: true });
  const root = createRoot(element);
  root.render(
    <TransportProvider transport={transport}>
      <QueryClientProvider client={new QueryClient()}>
        <CompressButton path="report.txt" />
      </QueryClientProvider>
    </TransportProvider>,
  );
  return root;
}
