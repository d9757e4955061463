import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { type Any, EmptySchema } from "@bufbuild/protobuf/wkt";
import { packed } from "../operation/encoded-message.ts";
import type { OperationType } from "../operation/operation-type.ts";
import type { OperationResult } from "../operation/transition.ts";
import type { Logger } from "./logger.ts";
import type { ProgressWriter } from "./progress-writer.ts";
import type { RunningOperation } from "./running-operation.ts";
import type { Work } from "./work.ts";
import { isStop, statusOfThrown } from "./work-error.ts";

/**
 * Runs work to its end, whatever that is, and ends its operation so; or gives it back where the work stops because
 * its server does, and another can go on with it. `onReturn` is called when the work has answered or thrown.
 * Never rejects.
 */
export async function runWork<Response extends DescMessage, Metadata extends DescMessage>(
  type: OperationType<Response, Metadata>,
  work: Work<Response, Metadata>,
  running: RunningOperation,
  progress: ProgressWriter,
  logger: Logger,
  onReturn: () => void,
): Promise<void> {
  const { name, signal } = running;
  let result: OperationResult;
  try {
    const response = await work({
      name,
      signal,
      progress: (metadata) => progress.report(packed(type.metadata, metadata)),
    });
    onReturn();
    result = { case: "response", value: packedResponse(type.response, response) };
  } catch (thrown) {
    onReturn();
    if (running.canBeGivenBack && isStop(thrown, signal)) {
      await running.giveBack(await progress.close());
      running.release();
      return;
    }
    result = { case: "error", value: statusOfThrown(thrown, name, signal, logger) };
  }
  await running.end(result, await progress.close());
  running.release();
}

function packedResponse<Response extends DescMessage>(desc: Response, response: unknown): Any {
  return response === undefined
    ? packed(EmptySchema, {})
    : packed(desc, response as MessageInitShape<Response>);
}
