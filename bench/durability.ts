// One after another, and both, also where one misses its goal.
await import("./durable.ts");
await import("./stores.ts");
