import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { until } from "../until.ts";
import { Copy, type CopyRun, type Fleet, gate, HANDLER, Print, responseOf } from "./fleet.ts";

const copy = ({ input }: CopyRun) => ({ value: `copy of ${input.value}` });

/** Work that does nothing but stop when it is told to. */
async function stopped(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, "abort");
  throw signal.reason;
}

/** What holds with every engine, whatever brings the work to the processes. Each case opens a fleet of its own. */
export function describeEngineContract(name: string, openFleet: () => Promise<Fleet>): void {
  describe(`the contract of an engine: ${name}`, () => {
    it("runs at a worker what was started at a server", async () => {
      await using fleet = await openFleet();
      fleet.worker(copy);
      const { name } = await fleet.server().start(Copy, { value: "x" });
      expect(responseOf(await fleet.ended(name))).toBe("copy of x");
    });

    it("runs what was started before there was a worker", async () => {
      await using fleet = await openFleet();
      const { name } = await fleet.server().start(Copy, { value: "x" });
      fleet.worker(copy);
      expect(responseOf(await fleet.ended(name))).toBe("copy of x");
    });

    it("runs work once though it is delivered twice, and to two workers", async () => {
      await using fleet = await openFleet();
      const runs: string[] = [];
      const work = async ({ input }: CopyRun) => {
        runs.push(input.value);
        await pause(100);
        return input;
      };
      fleet.worker(work);
      fleet.worker(work);
      const server = fleet.server();
      const { name } = await server.start(Copy, { value: "x" });
      const deliver = () =>
        fleet.engineOf(server)?.start([
          { name, handler: HANDLER, delayMs: 0 },
          { name, handler: HANDLER, delayMs: 0 },
        ]);
      await deliver();
      await until(() => runs.length > 0);
      await deliver();
      await fleet.ended(name);
      await deliver();
      await pause(500);
      expect(runs).toEqual(["x"]);
    });

    it("does nothing with what was never kept", async () => {
      await using fleet = await openFleet();
      const worker = fleet.worker(copy);
      await fleet.engineOf(worker)?.start([{ name: "operations/none", handler: HANDLER, delayMs: 0 }]);
      const { name } = await worker.start(Copy, { value: "x" });
      await fleet.ended(name);
      expect(fleet.logged).toEqual([]);
    });

    it("tries again what failed, and not before its delay is over", async () => {
      await using fleet = await openFleet();
      const begunMs: number[] = [];
      fleet.worker(({ attempt }) => {
        begunMs.push(performance.now());
        if (attempt === 1) throw new ConnectError("the printer is busy", Code.Unavailable);
        return { value: `attempt ${attempt}` };
      });
      const { name } = await fleet.server().start(Copy, { value: "x" });
      const response = responseOf(await fleet.ended(name));
      // A fifth may be missing: those that failed together are not to begin together.
      expect([response, (begunMs[1] ?? 0) - (begunMs[0] ?? 0) >= 0.8 * 400 - 5]).toEqual(["attempt 2", true]);
    });

    it("ends with its error what fails whenever it is tried", async () => {
      await using fleet = await openFleet();
      fleet.worker(() => {
        throw new ConnectError("there is no paper", Code.Unavailable);
      });
      const { name } = await fleet.server().start(Copy, { value: "x" });
      const { result } = await fleet.ended(name);
      expect(result).toMatchObject({ case: "error", value: { code: Code.Unavailable } });
    });

    it("ends at once what waits for another attempt and is cancelled", async () => {
      await using fleet = await openFleet();
      const failed = gate();
      fleet.worker(async ({ attempt, signal }) => {
        if (attempt > 1) return stopped(signal);
        failed.resolve();
        throw new ConnectError("the printer is busy", Code.Unavailable);
      });
      const server = fleet.server();
      const { name } = await server.start(Copy, { value: "x" });
      await failed.promise;
      await until(async () => (await fleet.store.get(name))?.owner === undefined);
      await server.cancel(name);
      const { result } = await fleet.ended(name);
      expect(result).toMatchObject({ case: "error", value: { code: Code.Canceled } });
    });

    it("ends at once what nobody has begun and is cancelled, and begins it never", async () => {
      await using fleet = await openFleet();
      const server = fleet.server();
      const { name } = await server.start(Copy, { value: "x" });
      await server.cancel(name);
      const isDone = (await fleet.now(name)).done;
      const runs: string[] = [];
      fleet.worker(({ input }) => {
        runs.push(input.value);
        return input;
      });
      const { name: next } = await server.start(Copy, { value: "y" });
      await fleet.ended(next);
      expect([isDone, runs]).toEqual([true, ["y"]]);
    });

    it("goes on at another worker, in the same attempt, with what a worker that stops gives back", async () => {
      await using fleet = await openFleet();
      const begun = gate();
      const stopping = fleet.worker(async ({ signal }) => {
        begun.resolve();
        return stopped(signal);
      });
      const { name } = await fleet.server().start(Copy, { value: "x" });
      await begun.promise;
      fleet.worker(({ attempt }) => ({ value: `attempt ${attempt}` }));
      await stopping.close();
      const closedMs = performance.now();
      const response = responseOf(await fleet.ended(name));
      expect([response, performance.now() - closedMs < 1_500]).toEqual(["attempt 1", true]);
    });

    it("runs no more at a time than a handler, and a worker, may", async () => {
      await using fleet = await openFleet();
      const running = new Map<string, number>();
      const most = { copies: 0, all: 0 };
      const full = gate();
      const work = (kind: string) => async (run: Pick<CopyRun, "input">) => {
        running.set(kind, (running.get(kind) ?? 0) + 1);
        const [copies, prints] = [running.get("copy") ?? 0, running.get("print") ?? 0];
        most.copies = Math.max(most.copies, copies);
        most.all = Math.max(most.all, copies + prints);
        if (most.all === 5) full.resolve();
        // Nothing ends before as much has run at a time as may.
        await full.promise;
        await pause(20);
        running.set(kind, (running.get(kind) ?? 0) - 1);
        return run.input;
      };
      const worker = fleet.worker(work("copy"), { concurrency: 5, ofCopy: 2 });
      worker.register(Print, work("print"));
      const server = fleet.server();
      const started = Array.from({ length: 40 }, (_, i) =>
        server.start(i % 2 ? Copy : Print, { value: String(i) }),
      );
      for (const { name } of await Promise.all(started)) await fleet.ended(name);
      expect(most).toEqual({ copies: 2, all: 5 });
    });

    it("leaves to a worker with free slots what one without could not begin", async () => {
      await using fleet = await openFleet();
      const [begun, end] = [gate(), gate()];
      const busy = fleet.worker(
        async ({ input }) => {
          begun.resolve();
          await end.promise;
          return input;
        },
        { concurrency: 1 },
      );
      busy.register(Print, ({ input }) => ({ value: `${input.value} at the busy one` }));
      const server = fleet.server();
      const { name: long } = await server.start(Copy, { value: "x" });
      await begun.promise;
      const prints = await Promise.all(
        Array.from({ length: 5 }, () => server.start(Print, { value: "printed" })),
      );
      const free = fleet.worker(copy);
      free.register(Print, ({ input }) => ({ value: `${input.value} at the free one` }));
      const printed = await Promise.all(prints.map(async ({ name }) => responseOf(await fleet.ended(name))));
      end.resolve();
      await fleet.ended(long);
      expect(printed).toEqual(Array.from({ length: 5 }, () => "printed at the free one"));
    });
  });
}
