import { constants, mkdir, open, realpath } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { storeFull, storeUnavailable } from "../../operation/errors.ts";
import { awaitedHandler, type StoredOperation } from "../../operation/stored-operation.ts";
import type { Transition } from "../../operation/transition.ts";
import { ChangeHub } from "../change-hub.ts";
import { claimBySwapping } from "../claim.ts";
import type {
  ClaimQuery,
  Lease,
  ListQuery,
  OperationStore,
  OrphanQuery,
  RangeQuery,
} from "../operation-store.ts";
import { OwnerLeases } from "../owner-leases.ts";
import { CurrentOperations } from "./current-operations.ts";
import { checkSqlite } from "./database.ts";
import { lockFile } from "./file-lock.ts";
import type { Read } from "./reads.ts";
import { operationOfRow, rowOf } from "./row.ts";
import { inColumn, type Row } from "./sql-row.ts";
import { causeOf, faultOf, isFull, type SqliteFault } from "./sqlite-fault.ts";
import { ThreadFault, ThreadQueue } from "./thread-queue.ts";
import type { Changed, Write } from "./writes.ts";

/** The part of a List that is asked for at once. */
type ListPart = Pick<ListQuery, "limit" | "after">;

/** The file cannot be used. The message names it and says why, for the person who runs the server. */
export class SqliteStoreError extends Error {
  override readonly name = "SqliteStoreError";
}

/** How a store behaves. */
export interface SqliteStoreOptions {
  /**
   * Is told when the file begins to fail, and again only after it has worked meanwhile. Callers are not told what
   * it was. `console.error` prints the message by default.
   */
  readonly onFault?: ((error: SqliteStoreError) => void) | undefined;
}

/**
 * Keeps operations in an SQLite file of one process: what it has acknowledged is on disk, and survives the
 * process and the machine. One thread writes and one reads, so that the event loop waits for no disk; writes
 * that come together share a transaction, and its fsync.
 */
export class SqliteStore implements OperationStore {
  readonly changes = new ChangeHub();
  readonly isShared = false;
  /** Where the operations are. */
  readonly file: string;
  readonly #lock: AsyncDisposable;
  readonly #writer: ThreadQueue;
  readonly #reader: ThreadQueue;
  readonly #current = new CurrentOperations();
  readonly #leases = new OwnerLeases();
  readonly #onFault: (error: SqliteStoreError) => void;
  readonly #failing = new Set<ThreadQueue>();
  #closed = false;

  private constructor(file: string, lock: AsyncDisposable, options: SqliteStoreOptions) {
    this.file = file;
    this.#lock = lock;
    this.#onFault = options.onFault ?? (({ message }) => console.error(message));
    this.#writer = new ThreadQueue({ file, role: "writer" });
    this.#reader = new ThreadQueue({ file, role: "reader" });
  }

  /**
   * Opens a file, and makes it, and its folder, where there is none. Throws an SqliteStoreError where another
   * process has it, where it is no file of ours or of a newer version, where it cannot be read or written,
   * and where this Node's SQLite is older than 3.51.3.
   */
  static async open(path: string, options: SqliteStoreOptions = {}): Promise<SqliteStore> {
    let file = resolve(path);
    let lock: AsyncDisposable | undefined;
    let store: SqliteStore | undefined;
    try {
      checkSqlite();
      await mkdir(dirname(file), { recursive: true });
      file = await realFile(file);
      lock = await lockFile(file);
      store = new SqliteStore(file, lock, options);
      await store.#writer.open();
      await store.#reader.open();
      return store;
    } catch (error) {
      await store?.[Symbol.asyncDispose]();
      await lock?.[Symbol.asyncDispose]();
      throw unusable(path, error instanceof ThreadFault ? error.fault : faultOf(error));
    }
  }

  insert(stored: StoredOperation): Promise<boolean> {
    return this.#write({ call: "insert", row: rowOf(stored) }, stored.name, stored);
  }

  get(name: string): Promise<StoredOperation | undefined> {
    const known = this.#current.known(name);
    if (known !== undefined) return Promise.resolve(known);
    return this.#current.look(name, () => this.#readOne({ call: "get", name }));
  }

  getByRequest(requestId: string): Promise<StoredOperation | undefined> {
    return this.#readOne({ call: "getByRequest", requestId });
  }

  replace(next: StoredOperation): Promise<boolean> {
    return this.#write({ call: "replace", row: rowOf(next) }, next.name, next);
  }

  delete(name: string): Promise<boolean> {
    return this.#write({ call: "delete", name }, name, undefined);
  }

  list(query: ListQuery): Promise<readonly StoredOperation[]> {
    return this.#list(query, (rest) => ({ call: "list", query: { ...query, ...rest } }));
  }

  async listInRange(query: RangeQuery): Promise<readonly StoredOperation[] | undefined> {
    const [row] = await this.#rows({ call: "countInRange", query });
    if (Number(row?.[0]) > query.most) return undefined;
    return this.#list(query, (rest) => ({ call: "listInRange", query: { ...query, ...rest } }));
  }

  async #list(query: ListPart, readOf: (rest: ListPart) => Read): Promise<readonly StoredOperation[]> {
    const listed: StoredOperation[] = [];
    for (let { limit, after } = query; limit > 0; limit = query.limit - listed.length) {
      const rows = await this.#rows(readOf({ limit, after }));
      listed.push(...this.#readable(rows));
      // Fewer than were asked for would say that these were the last.
      const last = rows.at(-1);
      if (rows.length < limit || last === undefined) break;
      after = { createTimeMs: Number(inColumn(last, "create_time")), name: String(inColumn(last, "name")) };
    }
    return listed;
  }

  #rows(read: Read): Promise<readonly Row[]> {
    return this.#call(this.#reader, read, (answer) => answer as readonly Row[]);
  }

  deleteExpired(nowMs: number, limit: number): Promise<number> {
    return this.#sweep({ call: "deleteExpired", nowMs, limit });
  }

  deleteSurplus(mostPerParent: number, limit: number): Promise<number> {
    return this.#sweep({ call: "deleteSurplus", mostPerParent, limit });
  }

  async hold(owner: string): Promise<Lease> {
    return this.#leases.hold(owner);
  }

  async orphans(query: OrphanQuery): Promise<readonly StoredOperation[]> {
    const read = { call: "orphans", query, owners: [...this.#leases.owners] } as const;
    const rows = await this.#call(this.#reader, read, (answer) => answer as readonly Row[]);
    // An owner that has come since the question was asked is alive.
    return this.#readable(rows).filter(({ owner }) => owner === undefined || !this.#leases.has(owner));
  }

  claim(query: ClaimQuery, transition: Transition): Promise<readonly StoredOperation[]> {
    return claimBySwapping(this, query, transition);
  }

  async keyOf(name: string, made: Uint8Array): Promise<Uint8Array> {
    // A copy: of a view, all that it is a view of would go to the thread.
    const write = { call: "keepKey", name, value: Uint8Array.from(made) } as const;
    for (;;) {
      const kept = await this.#readKey(name);
      if (kept !== undefined) return kept;
      await this.#call(this.#writer, write, () => {});
    }
  }

  /** Finishes what it was asked for, and closes the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#reader.close();
    // The last connection to go tidies the file up.
    await this.#writer.close();
    await this.#lock[Symbol.asyncDispose]();
  }

  async #write(write: Write, name: string, next: StoredOperation | undefined): Promise<boolean> {
    this.#current.beginWrite(name);
    try {
      return await this.#call(this.#writer, write, (answer) => {
        const changed = (answer as Changed).length > 0;
        this.#current.endWrite(name, changed ? next : undefined);
        if (changed) this.#announce(name, next && awaitedHandler(next));
        return changed;
      });
    } catch (error) {
      this.#current.endWrite(name, undefined);
      throw error;
    }
  }

  async #sweep(write: Write): Promise<number> {
    this.#current.beginSweep();
    let deleted: Changed = [];
    try {
      deleted = await this.#call(this.#writer, write, (answer) => answer as Changed);
      return deleted.length;
    } finally {
      this.#current.endSweep(deleted);
      for (const name of deleted) this.#announce(name);
    }
  }

  /** The operations of rows. One that cannot be made sense of is told of, and left out: it spoils no list. */
  #readable(rows: readonly Row[]): StoredOperation[] {
    return rows.flatMap((row) => {
      try {
        return [operationOfRow(row)];
      } catch (error) {
        this.#tellOf(new SqliteStoreError(`operations database "${this.file}": ${unreadable(row, error)}`));
        return [];
      }
    });
  }

  /** Reads one operation. One that cannot be made sense of is no missing one: then it throws UNAVAILABLE. */
  #readOne(read: Read): Promise<StoredOperation | undefined> {
    return this.#call(this.#reader, read, ([row]) => {
      try {
        return row === undefined ? undefined : operationOfRow(row as Row);
      } catch (error) {
        throw new ThreadFault({ message: unreadable(row as Row, error), errcode: undefined });
      }
    });
  }

  #readKey(name: string): Promise<Uint8Array | undefined> {
    return this.#call(this.#reader, { call: "key", name }, ([row]) => {
      const [value] = (row ?? []) as Row;
      return value instanceof Uint8Array ? value : undefined;
    });
  }

  /** Tells who listens. One who throws stops neither the others nor the store. */
  #announce(name: string, handler?: string): void {
    try {
      this.changes.announce(name);
      if (handler !== undefined) this.changes.announceWork(handler);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#tellOf(new SqliteStoreError(`a listener to changes of "${name}" threw: ${message}`));
    }
  }

  #tellOf(error: SqliteStoreError): void {
    try {
      this.#onFault(error);
    } catch {
      // Whoever asked for something gets its own answer.
    }
  }

  async #call<T>(
    thread: ThreadQueue,
    call: Write | Read,
    settle: (answer: Changed | readonly Row[]) => T,
  ): Promise<T> {
    if (this.#closed) throw storeUnavailable(new SqliteStoreError("the store is closed"));
    try {
      return await thread.call(call, (answer) => {
        this.#failing.delete(thread);
        return settle(answer);
      });
    } catch (error) {
      if (!(error instanceof ThreadFault)) throw error;
      // The caller is told that it went wrong; what it was, which names the file, is for who runs the server.
      const cause = unusable(this.file, error.fault);
      if (!this.#failing.has(thread)) this.#tellOf(cause);
      this.#failing.add(thread);
      throw isFull(error.fault) ? storeFull(cause) : storeUnavailable(cause);
    }
  }
}

function unusable(file: string, fault: SqliteFault): SqliteStoreError {
  return new SqliteStoreError(`operations database "${file}": ${causeOf(fault)}`);
}

function unreadable(row: Row, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `operation "${row[0]}" cannot be read: ${message}`;
}

/** The file itself, whatever links lead to it, and made where there is none: so that one file has one lock. */
async function realFile(file: string): Promise<string> {
  let fault: unknown;
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_CREAT);
    await handle.close();
  } catch (error) {
    fault = error;
  }
  return realpath(file).catch((error: unknown) => {
    throw fault ?? error;
  });
}
