import { afterEach, beforeEach, expect } from "vitest";
import { callHttp1 } from "./calls.ts";
import { type OpenServer, openServer } from "./open-server.ts";

/**
 * A server for each test of the file. Whatever was done to it: afterwards it answers, nothing escaped, and
 * nothing was logged as its own fault.
 */
export function underAttack(): { readonly server: OpenServer } {
  let server: OpenServer | undefined;
  const faults: unknown[] = [];
  const note = (fault: unknown) => void faults.push(fault);
  const opened = () => {
    if (server === undefined) throw new Error("there is a server in tests alone");
    return server;
  };

  beforeEach(async () => {
    faults.length = 0;
    process.on("uncaughtException", note).on("unhandledRejection", note);
    server = await openServer({ graceMs: 100 });
  });

  afterEach(async () => {
    const answered = (await callHttp1(opened().url)).status;
    const { logged } = opened();
    await opened()[Symbol.asyncDispose]();
    process.off("uncaughtException", note).off("unhandledRejection", note);
    expect({ answered, faults, logged }).toEqual({ answered: 200, faults: [], logged: [] });
  });

  return {
    get server() {
      return opened();
    },
  };
}
