import { openSync } from "node:fs";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { type FurtherService, runServer } from "../../src/server/run-server.ts";
import { ResumedWork, resumedWork } from "./resumed-work.ts";

// The server of the package, of any role, with a simulator whose work is resumed by others. It takes the flags of
// the server, and notes in `--effects FILE` what its work does.
const simulator: FurtherService = {
  option: { name: "effects", value: "FILE", help: "mount a simulator that notes in FILE what its work does" },
  methods: [[SimulatorService.method.simulateWork, ResumedWork]],
  async open(file) {
    const ledger = openSync(file, "a");
    return {
      register: (manager) => manager.register(ResumedWork, resumedWork(ledger)),
      routes: (router, manager) =>
        router.service(SimulatorService, {
          simulateWork: (request) =>
            manager.start(ResumedWork, request, { request: { id: request.requestId } }),
        }),
    };
  },
};

await runServer(process.argv.slice(2), [simulator]);
