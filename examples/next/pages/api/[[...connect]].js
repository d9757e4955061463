import { directNodeAdapter } from "longrunning";
import { createSimulatorService, SimulatorService } from "longrunning/testing";
import { operations } from "../../operations.js";

const routes = operations.routes((router) =>
  router.service(SimulatorService, createSimulatorService(operations.manager)),
);
export default directNodeAdapter({ routes, requestPathPrefix: "/api" });
export const config = { api: { bodyParser: false, externalResolver: true } };
