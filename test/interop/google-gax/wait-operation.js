import { promisify } from "node:util";
import gax from "google-gax";

/** Whether gax's REST can be asked to wait: it calls by rules of google.api.http, and operations.proto has none here. */
export function hasRuleOfWait(types) {
  return (
    types.lookupService("google.longrunning.Operations").methods.WaitOperation.parsedOptions !== undefined
  );
}

/** WaitOperation, for which gax's OperationsClient has no method. Its stub has one. */
export async function waitOperation(client, request, callOptions = {}) {
  const stub = await client.operationsStub;
  return await promisify(stub.waitOperation.bind(stub))(request, new gax.grpc.Metadata(), callOptions);
}
