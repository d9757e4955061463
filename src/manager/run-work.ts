import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { type Any, EmptySchema } from "@bufbuild/protobuf/wkt";
import type { Outcome } from "../engine/engine.ts";
import { packed } from "../operation/encoded-message.ts";
import type { Logger } from "../operation/logger.ts";
import { isResumable, type OperationType } from "../operation/operation-type.ts";
import { delayAfter } from "../operation/retry-policy.ts";
import type { OperationResult } from "../operation/transition.ts";
import type { ProgressWriter } from "./progress-writer.ts";
import type { RunningOperation } from "./running-operation.ts";
import type { Work } from "./work.ts";
import { isStop, statusOfThrown } from "./work-error.ts";

/**
 * Runs work to its end, whatever that is, and ends its operation so; or gives it back where the work stops because
 * its server does, and another can go on with it; or leaves it to be begun again where it fails and its type says so.
 * `onReturn` is called when the work has answered or thrown. Never rejects.
 */
export async function runWork<Response extends DescMessage, Metadata extends DescMessage>(
  type: OperationType<Response, Metadata>,
  work: Work<Response, Metadata>,
  running: RunningOperation,
  progress: ProgressWriter,
  logger: Logger,
  onReturn: () => void,
): Promise<Outcome> {
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
      return { case: "again", delayMs: 0 };
    }
    const error = statusOfThrown(thrown, name, signal, logger, running.errorDomain);
    const delayMs = retryDelay(type, thrown, running, logger);
    if (delayMs !== undefined) {
      await running.retry(delayMs, error, await progress.close());
      running.release();
      return { case: "again", delayMs };
    }
    result = { case: "error", value: error };
  }
  await running.end(result, await progress.close());
  running.release();
  return result.case === "response"
    ? { case: "completed", response: result.value }
    : { case: "failed", error: result.value };
}

/** How long work waits that has thrown, in milliseconds; undefined where it is not begun again. */
function retryDelay(
  type: OperationType,
  thrown: unknown,
  { name, attempt, signal }: RunningOperation,
  logger: Logger,
): number | undefined {
  if (!isResumable(type) || (signal.aborted && isStop(thrown, signal))) return undefined;
  const { retry, maxAttempts } = type.onServerLoss;
  if (retry === undefined || attempt >= maxAttempts) return undefined;
  try {
    return retry.isRetryable(thrown) ? delayAfter(retry, attempt, thrown, Math.random()) : undefined;
  } catch (fault) {
    logger.error(
      `nobody can tell whether the work of operation ${JSON.stringify(name)} is to be tried again`,
      fault,
    );
    return undefined;
  }
}

function packedResponse<Response extends DescMessage>(desc: Response, response: unknown): Any {
  return response === undefined
    ? packed(EmptySchema, {})
    : packed(desc, response as MessageInitShape<Response>);
}
