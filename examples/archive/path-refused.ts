import { Code, ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.ts";

/** The longest path that a message repeats: a longer one would not fit into an HTTP header. */
const SHOWN_LENGTH = 128;

/** The work cannot start with this path: an error of the call, and no operation (AIP-151, AIP-193). */
export function pathRefused(
  path: string,
  fault: string,
  kind: "invalid" | "not found" = "invalid",
): ConnectError {
  const shown = JSON.stringify(path.slice(0, SHOWN_LENGTH));
  const reason = kind === "invalid" ? "PATH_INVALID" : "PATH_NOT_FOUND";
  const info = { desc: ErrorInfoSchema, value: { reason, domain: "archive.example.com" } };
  const message = `path ${shown} ${fault}`;
  if (kind === "not found") return new ConnectError(message, Code.NotFound, undefined, [info]);
  const fieldViolations = [{ field: "path", description: `${shown} ${fault}` }];
  return new ConnectError(message, Code.InvalidArgument, undefined, [
    info,
    { desc: BadRequestSchema, value: { fieldViolations } },
  ]);
}
