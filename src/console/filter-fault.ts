import type { ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";

/** What a server says of a filter that it cannot answer. */
export interface FilterFault {
  readonly message: string;
  /** Where in the filter it is: 0 is the first character, and one behind the last is where something is missing. */
  readonly at: number | undefined;
}

/** What is wrong with a filter; undefined where a list was refused for something else, or not at all. */
export function filterFault(error: ConnectError | null, filter: string): FilterFault | undefined {
  const info = error?.findDetails(ErrorInfoSchema).find(({ reason }) => reason === "INVALID_FILTER");
  if (error === null || info === undefined) return undefined;
  const column = Number(info.metadata["column"]);
  const isInside = Number.isInteger(column) && column >= 1 && column <= filter.length + 1;
  return { message: error.rawMessage, at: isInside ? column - 1 : undefined };
}
