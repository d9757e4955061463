import { createConnectRouter } from "@connectrpc/connect";
import { createFetchHandler } from "@connectrpc/connect/protocol";
import { createSimulatorService, SimulatorService } from "longrunning/testing";
import { operations } from "../../../operations.js";

const router = createConnectRouter({ grpc: false });
const mount = operations.routes((routes) =>
  routes.service(SimulatorService, createSimulatorService(operations.manager)),
);
mount(router);
const handlers = new Map(
  router.handlers.map((handler) => [`/rpc${handler.requestPath}`, createFetchHandler(handler)]),
);

async function answer(request) {
  const handle = handlers.get(new URL(request.url).pathname);
  return handle === undefined ? new Response(null, { status: 404 }) : await handle(request);
}

export { answer as GET, answer as POST };
