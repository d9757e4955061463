import { ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, type ErrorInfo, ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";

/** The error that a call is refused with. Throws where it is not refused. */
export async function refusalOf(call: Promise<unknown>): Promise<ConnectError> {
  const outcome = await call.then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error }),
  );
  if ("error" in outcome) return ConnectError.from(outcome.error);
  throw new Error(`the call was not refused, but answered ${JSON.stringify(outcome.answer, writable)}`);
}

/** What the error says for machines. */
export function errorInfosOf(error: ConnectError): ErrorInfo[] {
  return error.findDetails(ErrorInfoSchema);
}

/** The fields of the request that the error finds fault with. */
export function violatedFieldsOf(error: ConnectError): string[] {
  return error
    .findDetails(BadRequestSchema)
    .flatMap(({ fieldViolations }) => fieldViolations.map((v) => v.field));
}

function writable(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
