import {
  OperationCancelledError,
  OperationFailedError,
  OperationHandle,
  type OperationsClient,
  StoppedWaitingError,
} from "longrunning/client";
import { CompressFile } from "../archive/compress-file.ts";

/** Waits for an operation of which only the name is known, and says what came of it. */
export async function outcomeOf(client: OperationsClient, name: string, timeoutMs: number): Promise<string> {
  const handle = new OperationHandle(client, CompressFile, name);
  try {
    const { path } = await handle.result({ timeoutMs });
    return `wrote ${path}`;
  } catch (error) {
    if (error instanceof StoppedWaitingError) return `${handle.metadata?.bytesRead ?? 0n} bytes so far`;
    if (error instanceof OperationCancelledError) return "cancelled";
    if (error instanceof OperationFailedError) return `failed: ${error.rawMessage}`;
    throw error;
  }
}
