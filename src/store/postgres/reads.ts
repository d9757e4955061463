import type { ClientBase, Pool, QueryResultRow } from "pg";
import type { OperationRange } from "../../operation/operation-range.ts";
import { COLUMNS, type OperationRecord } from "../columns.ts";
import { type Bind, walksOf } from "../list-walks.ts";
import type { ClaimQuery, ListQuery, OrphanQuery, RangeQuery } from "../operation-store.ts";
import { behind, inRange, orderOf } from "../range-conditions.ts";
import { NOW_MS } from "./now.ts";

/** What PostgreSQL answers: its bigints are texts. */
type Row = { readonly [Column in keyof OperationRecord]: OperationRecord[Column] | string };

/** What waits and may be begun, and what is left of owners that are dead. */
const WAITING = `owner is null and ready_time <= ${NOW_MS}`;
const OF_DEAD = "owner = any(array(table dead))";

const IN_ORDER = "order by create_time desc, name limit $1";

/** The questions that a store asks, of tables in one schema. */
export class Reads {
  readonly #pool: Pool;
  readonly #select: string;
  readonly #schema: string;
  /** The names of the statements that list, by their texts. */
  readonly #lists = new Map<string, string>();

  constructor(pool: Pool, schema: string) {
    this.#pool = pool;
    this.#schema = schema;
    this.#select = `select ${COLUMNS.join(", ")} from ${schema}.operations`;
  }

  /** Those of these names that are kept, in any order. */
  get(names: readonly string[]): Promise<OperationRecord[]> {
    return this.#ask("get", "where name = any($1)", [names]);
  }

  /** The revisions of those of these names that are kept. */
  async revisions(names: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.#pool.query<{ name: string; revision: string }>({
      name: "revisions",
      text: `select name, revision from ${this.#schema}.operations where name = any($1)`,
      values: [names],
    });
    return new Map(rows.map(({ name, revision }) => [name, Number(revision)]));
  }

  async getByRequest(requestId: string): Promise<OperationRecord | undefined> {
    return (await this.#ask("getByRequest", "where request_id = $1", [requestId]))[0];
  }

  async list(query: ListQuery): Promise<OperationRecord[]> {
    const values: (string | number)[] = [query.limit];
    const bind = (value: string | number) => `$${values.push(value)}`;
    const walks = walksOf(query)
      .flat()
      .map(({ where }) => `(${this.#select} where ${where(bind)} ${IN_ORDER})`);
    if (walks.length === 0) return [];
    const text = walks.length === 1 ? `${walks[0]}` : `${walks.join(" union all ")} ${IN_ORDER}`;
    const { rows } = await this.#pool.query<Row>({ name: this.#nameOf(text), text, values });
    const { createdFromMs = Number.NEGATIVE_INFINITY } = query;
    return rows.map(recordOfRow).filter((record) => record.create_time >= createdFromMs);
  }

  /** Those in a range; undefined where they are more than may be. */
  async listInRange({ range, most, limit, after }: RangeQuery): Promise<OperationRecord[] | undefined> {
    const counted = await this.#askRange<{ count: string }>(
      range,
      most,
      (all) => `select count(*) from ${all}`,
    );
    if (Number(counted[0]?.count) > most) return undefined;
    const rows = await this.#askRange<Row>(range, most, (all, bind) => {
      const rest = `${behind(after, bind)} order by create_time desc, name limit ${bind(limit)}`;
      return `select ${COLUMNS.join(", ")} from ${all} where true${rest}`;
    });
    return rows.map(recordOfRow);
  }

  /** Asks of what is in a range, in the order of its index: PostgreSQL would rather read all operations than sort many. */
  async #askRange<Found extends QueryResultRow>(
    range: OperationRange,
    most: number,
    textOf: (all: string, bind: Bind) => string,
  ): Promise<Found[]> {
    const values: (string | number)[] = [most + 1];
    const bind = (value: string | number) => `$${values.push(value)}`;
    const all = `select * from ${this.#schema}.operations where ${inRange(range, bind)} order by ${orderOf(range)} limit $1`;
    const text = textOf(`(${all}) as found`, bind);
    return (await this.#pool.query<Found>({ name: this.#nameOf(text), text, values })).rows;
  }

  /** A statement has its name for ever: one for each kind of List that was asked for. */
  #nameOf(text: string): string {
    const name = this.#lists.get(text) ?? `list${this.#lists.size}`;
    this.#lists.set(text, name);
    return name;
  }

  orphans({ handlers, limit, name }: OrphanQuery): Promise<OperationRecord[]> {
    if (handlers === "none") return this.#askOrphans("OfNone", "handler is null", limit, name, []);
    if (handlers === "any") return this.#askOrphans("OfAny", "handler is not null", limit, name, []);
    return this.#askOrphans("OfThese", "handler = any($2)", limit, name, [handlers]);
  }

  /**
   * Orphans of a handler, locked until the transaction ends: first those whose owner is gone, and then those that
   * wait. Those that somebody else has locked are left out.
   */
  async lockOrphans(client: ClientBase, { handler, limit }: ClaimQuery): Promise<OperationRecord[]> {
    const lock = async (name: string, where: string, most: number) => {
      const text = `
        ${where} and end_time is null and handler = $2
        order by ready_time, name limit $1
        for update of operations skip locked
      `;
      const { rows } = await client.query<Row>({ name, text, values: [most, handler] });
      return rows.map(recordOfRow);
    };
    const left = await lock("lockLeft", `${this.#dead} ${this.#select} where ${OF_DEAD}`, limit);
    if (left.length === limit) return left;
    const waiting = await lock("lockWaiting", `${this.#select} where ${WAITING}`, limit - left.length);
    return [...left, ...waiting];
  }

  /** Those of these names that are orphans of these handlers, locked likewise, and though their delay is not over. */
  async lockNamed(
    client: ClientBase,
    asked: readonly { readonly name: string; readonly handler: string }[],
  ): Promise<OperationRecord[]> {
    const text = `
      ${this.#select} where end_time is null and ${this.#isOrphan}
        and name = any($1) and (name, handler) in (select * from unnest($1::text[], $2::text[]))
      order by name
      for update of operations skip locked
    `;
    const values = [asked.map(({ name }) => name), asked.map(({ handler }) => handler)];
    const { rows } = await client.query<Row>({ name: "lockNamed", text, values });
    return rows.map(recordOfRow);
  }

  async #askOrphans(
    call: string,
    handler: string,
    limit: number,
    only: string | undefined,
    further: readonly unknown[],
  ): Promise<OperationRecord[]> {
    const select = `select ${COLUMNS.join(", ")}, ready_time from ${this.#schema}.operations`;
    // Those of the dead and those that wait are in an index each.
    const every = `
      ${this.#dead}
      (${select} where end_time is null and ${OF_DEAD} and ${handler} order by ready_time, name limit $1)
      union all
      (${select} where end_time is null and ${WAITING} and handler is not null and ${handler}
        order by ready_time, name limit $1)
      order by ready_time, name limit $1
    `;
    const one = `${select} where name = $${further.length + 2} and end_time is null and ${handler} and ${this.#isOrphan} limit $1`;
    const { rows } = await this.#pool.query<Row>({
      ...(only === undefined
        ? { name: `orphans${call}`, text: every }
        : { name: `orphan${call}`, text: one }),
      values: only === undefined ? [limit, ...further] : [limit, ...further, only],
    });
    return rows.map(recordOfRow);
  }

  /** Whether one operation is an orphan: for where there is no need to know all owners. */
  get #isOrphan(): string {
    return `case when owner is null then handler is not null else not exists (
      select from ${this.#schema}.owners as living
      where living.owner = operations.owner and living.lease_end > now()
    ) end`;
  }

  /**
   * The owners of running operations that hold no lease, found by a walk from one to the next in the index: it
   * costs as much as there are owners, however much they run.
   */
  get #dead(): string {
    const owners = `select owner from ${this.#schema}.operations where end_time is null and owner is not null`;
    return `
      with recursive running (owner) as (
        (${owners} order by owner limit 1)
        union all
        select (${owners} and operations.owner > running.owner order by owner limit 1)
        from running where running.owner is not null
      ),
      dead as (
        select running.owner from running
        where running.owner is not null and not exists (
          select from ${this.#schema}.owners as living
          where living.owner = running.owner and living.lease_end > now()
        )
      )
    `;
  }

  async #ask(name: string, where: string, values: readonly unknown[]): Promise<OperationRecord[]> {
    const text = `${this.#select} ${where}`;
    const { rows } = await this.#pool.query<Row>({ name, text, values: [...values] });
    return rows.map(recordOfRow);
  }
}

function recordOfRow(row: Row): OperationRecord {
  const record: Record<string, unknown> = { ...row };
  for (const column of NUMBERS) if (row[column] !== null) record[column] = Number(row[column]);
  return record as unknown as OperationRecord;
}

const NUMBERS = [
  "revision",
  "cancel_requested",
  "create_time",
  "start_time",
  "end_time",
  "expire_time",
  "retention",
  "delay",
] as const;
