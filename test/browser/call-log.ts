import type { Interceptor } from "@connectrpc/connect";

/** What a server was called for, and what it has answered, in the order of time. */
export class CallLog {
  readonly #lines: string[] = [];
  readonly #running = new Map<string, number>();
  readonly #mostAtOnce = new Map<string, number>();

  /** `WaitOperation` for each call, and `WaitOperation over` for its end. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** The calls, without their ends. */
  get calls(): readonly string[] {
    return this.#lines.filter((line) => !line.endsWith(" over"));
  }

  /** How many calls of a method there were at the same time, at most. */
  mostAtOnce(method: string): number {
    return this.#mostAtOnce.get(method) ?? 0;
  }

  readonly interceptor: Interceptor = (next) => async (request) => {
    const { name } = request.method;
    this.#begin(name);
    try {
      const response = await next(request);
      // Without it, a page of another origin is not told which HTTP it spoke (Resource Timing).
      response.header.set("timing-allow-origin", "*");
      return response;
    } finally {
      this.#end(name);
    }
  };

  #begin(method: string): void {
    const running = (this.#running.get(method) ?? 0) + 1;
    this.#lines.push(method);
    this.#running.set(method, running);
    this.#mostAtOnce.set(method, Math.max(running, this.mostAtOnce(method)));
  }

  #end(method: string): void {
    this.#lines.push(`${method} over`);
    this.#running.set(method, (this.#running.get(method) ?? 0) - 1);
  }
}
