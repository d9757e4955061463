import {
  create,
  type DescMessage,
  type DescMethodUnary,
  type MessageInitShape,
  toBinary,
  toJsonString,
} from "@bufbuild/protobuf";
import { Operations } from "../../../gen/google/longrunning/operations_pb.ts";
import { Health } from "../../../gen/health/v1/health_pb.ts";
import type { Case, Topic } from "../topic.ts";
import { callBy, framed, headersOf } from "../ways.ts";

function called<I extends DescMessage>(
  name: string,
  method: Pick<DescMethodUnary<I>, "input" | "name" | "parent">,
  init: MessageInitShape<I>,
  timeoutMs?: number,
): Case {
  return {
    name: `${method.name}: ${name}`,
    by: (way) => {
      const message = create(method.input, init);
      const bytes = way.isJson
        ? Buffer.from(toJsonString(method.input, message))
        : toBinary(method.input, message);
      const timeout = way.protocol === "Connect" ? `${timeoutMs}` : `${timeoutMs}m`;
      return callBy(
        way,
        {},
        {
          path: `/${method.parent.typeName}/${method.name}`,
          headers: timeoutMs === undefined ? [] : [[headersOf(way).timeout, timeout]],
          steps: [framed(way, bytes), "end"],
        },
      );
    },
  };
}

const { getOperation, listOperations, waitOperation, cancelOperation, deleteOperation } = Operations.method;

const RUNNING = { name: "operations/running" };
const NONE = { name: "operations/none" };
const WRONG = { name: "wrong" };

/** The methods of a server of operations, over operations of which one runs for ever. */
export const operations: Topic = {
  name: "google.longrunning.Operations,",
  cases: [
    called("that runs", getOperation, RUNNING),
    called("that is not there", getOperation, NONE),
    called("of a name that is none", getOperation, WRONG),
    called("of no name", getOperation, {}),
    called("all", listOperations, { name: "operations" }),
    called("of a filter", listOperations, { name: "operations", filter: "done=false" }),
    called("of a filter that is none", listOperations, { name: "operations", filter: "(((" }),
    called("of a page that is none", listOperations, { pageToken: "none" }),
    called("for a moment", waitOperation, { ...RUNNING, timeout: { seconds: 0n, nanos: 1_000_000 } }),
    called("for less than nothing", waitOperation, { ...RUNNING, timeout: { seconds: -1n } }),
    called("until a deadline", waitOperation, RUNNING, 150),
    called("that is not there", waitOperation, NONE),
    called("that is not there", cancelOperation, NONE),
    called("that runs", cancelOperation, RUNNING),
    called("that is not there", deleteOperation, NONE),
  ],
};

/** What `serve` has beside. */
export const health: Topic = {
  name: "grpc.health.v1.Health,",
  only: "by serve",
  cases: [
    called("of the server", Health.method.check, {}),
    called("of a service", Health.method.check, { service: "probe.v1.ProbeService" }),
    called("of a service that is none", Health.method.check, { service: "none" }),
  ],
};
