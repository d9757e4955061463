import type { ClientBase } from "pg";
import { CHANGING, COLUMNS, type OperationRecord } from "../columns.ts";
import { NOW_MS } from "./now.ts";
import type { Writing } from "./write-queue.ts";

/** One change of one operation. */
export type Write =
  | { readonly call: "insert"; readonly record: OperationRecord }
  | { readonly call: "replace"; readonly record: OperationRecord }
  | { readonly call: "delete"; readonly name: string };

const TYPES: Readonly<Record<keyof OperationRecord, string>> = {
  name: "text",
  parent: "text",
  revision: "bigint",
  message: "bytea",
  cancel_requested: "boolean",
  create_time: "bigint",
  start_time: "bigint",
  end_time: "bigint",
  expire_time: "bigint",
  owner: "text",
  attempt: "integer",
  handler: "text",
  input: "bytea",
  request_id: "text",
  request_digest: "text",
  principal: "text",
  trace_parent: "text",
  metadata_type: "text",
  retention: "bigint",
  delay: "bigint",
};

/** The columns that a replace needs to know. */
const REPLACING = ["name", ...CHANGING, "handler"] as const;

/** When the work of an operation with this create time and this delay may be begun. */
function readyTime(createTime: string, delay: string): string {
  return `case when ${delay} is null then least(${createTime}, ${NOW_MS}) else ${NOW_MS} + ${delay} end`;
}

/** The statements that change operations, of tables in one schema: one for any number of operations. */
export class Writes implements Writing<Write> {
  readonly #insert: string;
  readonly #replace: string;
  readonly #delete: string;

  constructor(schema: string) {
    this.#insert = `
      insert into ${schema}.operations (${COLUMNS.join(", ")}, ready_time)
      select *, ${readyTime("create_time", "delay")}
      from ${unnest(COLUMNS)} as new (${COLUMNS.join(", ")})
      on conflict do nothing
      returning name
    `;
    // A stale writer changes nothing and tells nobody.
    this.#replace = `
      update ${schema}.operations as kept
      set ${CHANGING.map((column) => `${column} = next.${column}`).join(", ")},
        ready_time = ${readyTime("kept.create_time", "next.delay")},
        handler = case when next.handler is null then null else kept.handler end,
        input = case when next.handler is null then null else kept.input end
      from ${unnest(REPLACING)} as next (${REPLACING.join(", ")})
      where kept.name = next.name and kept.revision = next.revision - 1
      returning kept.name
    `;
    this.#delete = `delete from ${schema}.operations where name = any($1) returning name`;
  }

  nameOf(write: Write): string {
    return write.call === "delete" ? write.name : write.record.name;
  }

  async make(client: ClientBase, writes: readonly Write[]): Promise<ReadonlySet<string>> {
    const records = (call: Write["call"]) =>
      writes.flatMap((write) => (write.call === call && write.call !== "delete" ? [write.record] : []));
    const deletions = writes.flatMap((write) => (write.call === "delete" ? [write.name] : []));
    const changed = new Set<string>();
    const make = async (name: string, text: string, values: readonly (readonly unknown[])[]) => {
      if (values[0]?.length === 0) return;
      const { rows } = await client.query<{ name: string }>({ name, text, values: [...values] });
      for (const { name } of rows) changed.add(name);
    };
    await make("insert", this.#insert, columnsOf(records("insert"), COLUMNS));
    await make("replace", this.#replace, columnsOf(records("replace"), REPLACING));
    await make("delete", this.#delete, [deletions]);
    return changed;
  }
}

function unnest(columns: readonly (keyof OperationRecord)[]): string {
  return `unnest(${columns.map((column, i) => `$${i + 1}::${TYPES[column]}[]`).join(", ")})`;
}

function columnsOf(
  records: readonly OperationRecord[],
  columns: readonly (keyof OperationRecord)[],
): unknown[][] {
  return columns.map((column) =>
    records.map((record) => {
      const value = record[column];
      return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length) : value;
    }),
  );
}
