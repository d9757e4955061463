/** An operation as a database keeps it: the values of its columns, by their names. Times are in milliseconds. */
export interface OperationRecord {
  readonly name: string;
  readonly parent: string;
  readonly revision: number;
  /** The google.longrunning.Operation that clients see, encoded. */
  readonly message: Uint8Array<ArrayBuffer>;
  /** 1 where a client has asked the work to stop, and 0 where none has. */
  readonly cancel_requested: number;
  readonly create_time: number;
  readonly start_time: number | null;
  readonly end_time: number | null;
  readonly expire_time: number | null;
  readonly owner: string | null;
  readonly attempt: number;
  readonly handler: string | null;
  /** The google.protobuf.Any that the handler gets, encoded. */
  readonly input: Uint8Array<ArrayBuffer> | null;
  readonly request_id: string | null;
  readonly request_digest: string | null;
  /** Who started it. */
  readonly principal: string | null;
  /** What its story is traced by. */
  readonly trace_parent: string | null;
  /** The type that it is listed by; null where a server wrote it that did not tell yet. */
  readonly metadata_type: string | null;
  readonly retention: number | null;
  readonly delay: number | null;
}

/** The columns of an operation, in the order of the databases that have one. */
export const COLUMNS = [
  "name",
  "parent",
  "revision",
  "message",
  "cancel_requested",
  "create_time",
  "start_time",
  "end_time",
  "expire_time",
  "owner",
  "attempt",
  "handler",
  "input",
  "request_id",
  "request_digest",
  "principal",
  "trace_parent",
  "metadata_type",
  "retention",
  "delay",
] as const satisfies readonly (keyof OperationRecord)[];

/** The columns that a change of an operation may change, beside those of its work, which it may only forget. */
export const CHANGING = [
  "revision",
  "message",
  "cancel_requested",
  "start_time",
  "end_time",
  "expire_time",
  "owner",
  "attempt",
  "trace_parent",
  "metadata_type",
  "delay",
] as const satisfies readonly (keyof OperationRecord)[];
