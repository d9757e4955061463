import { OperationSchema } from "../../../gen/google/longrunning/operations_pb.ts";

import { CALL } from "../connection.ts";
import { type DocumentForm, documentText } from "../document.ts";
import { ExitCode } from "../exit-code.ts";
import { fullName } from "../full-name.ts";
import type { Invocation } from "../invocation.ts";

/** How an operation is printed. */
export interface GetFlags {
  readonly output: DocumentForm;
}

/** Prints an operation as it is now. */
export async function get(run: Invocation, name: string, { output }: GetFlags): Promise<ExitCode> {
  using connection = await run.connect();
  const { operations, types } = connection;

  const operation = await operations.getOperation({ name: fullName(name) }, CALL);
  await types.learn(OperationSchema, operation);
  run.screen.print(documentText(output, types.toJson(OperationSchema, operation)));
  return ExitCode.success;
}
