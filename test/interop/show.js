// What a client of six calls in JSON (start, get, wait, cancel, delete, list) shows of each behaviour; behaviours.ts
// says what each of them is. A client with `ownDeadline` fails by itself when the time of a call is over, and so
// whatever it answers came early; how long its process took to start is not counted.

const DISK_FULL = {
  code: 9,
  message: "the disk is full",
  details: [
    { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "DISK_FULL", domain: "example.com" },
  ],
};

/** Shows all behaviours, and prints a line for each. */
export async function show(calls) {
  for (const [behaviour, look] of Object.entries(BEHAVIOURS)) {
    const saw = await look(calls).catch((error) => ({ threw: String(error.stack) }));
    console.log(JSON.stringify({ behaviour, saw }));
  }
}

const BEHAVIOURS = {
  async start({ start }) {
    const { name, done = false } = await start({ duration: "60s" });
    return { name, done };
  },
  async poll({ start, get }) {
    let operation = await start({ duration: "1s", payload: "polled" });
    while (!operation.done) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      operation = await get(operation.name);
    }
    return { done: operation.done, payload: operation.response.payload };
  },
  async wait({ start, wait }) {
    const { name } = await start({ duration: "1s", payload: "waited" });
    const { done, response } = await wait(name, "30s");
    return { done, payload: response.payload };
  },
  async progress({ start, get }) {
    let operation = await start({ duration: "2s", steps: 3 });
    const seen = [];
    for (;;) {
      seen.push(operation.metadata.stepsDone ?? 0);
      if (operation.done) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
      operation = await get(operation.name);
    }
    const rising =
      seen.every((steps, index) => index === 0 || steps >= seen[index - 1]) && new Set(seen).size > 1;
    return { stepsDone: seen.at(-1), stepsTotal: operation.metadata.stepsTotal, rising };
  },
  async success({ start, wait }) {
    const { name } = await start({ duration: "0.1s", payload: "hello" });
    const { response } = await wait(name);
    return { payload: response.payload };
  },
  async failure({ start, wait }) {
    const { name } = await start({ duration: "0.1s", error: DISK_FULL });
    const { code, message, details } = (await wait(name)).error;
    return { code, message, reason: details[0].reason, domain: details[0].domain };
  },
  async cancel({ start, cancel, wait }) {
    const { name } = await start({ duration: "60s" });
    await cancel(name);
    return { code: (await wait(name)).error.code };
  },
  async delete({ start, delete: forget, get }) {
    const { name } = await start({});
    await forget(name);
    return await get(name).then(
      () => ({ code: 0 }),
      ({ code }) => ({ code }),
    );
  },
  async list({ start, list }) {
    const parent = `projects/json-${process.pid}`;
    for (let index = 0; index < 5; index++) await start({ parent });
    let [operations, pages, token] = [0, 0, ""];
    do {
      const page = await list(parent, 2, token);
      operations += page.operations.length;
      pages++;
      token = page.nextPageToken ?? "";
    } while (token !== "");
    return { operations, pages };
  },
  async "not-found"({ get }) {
    return await get("operations/none").then(
      () => ({ code: 0 }),
      ({ code, details }) => ({ code, reason: details[0].reason }),
    );
  },
  async deadline({ start, wait, ownDeadline = false }) {
    const { name } = await start({ duration: "60s" });
    const before = performance.now();
    const { done = false } = await wait(name, undefined, { timeoutMs: 5_000 });
    return { done, early: ownDeadline || performance.now() - before < 5_000 };
  },
  async "unknown-any"({ get, list }) {
    const { metadata } = await get("projects/far/operations/away");
    const { operations } = await list("projects/far", 10);
    const value = Buffer.from(metadata.value, "base64").toString("hex");
    return { typeUrl: metadata["@type"], value, listed: operations.length };
  },
};
