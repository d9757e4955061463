// One after another, and all of them, also where one misses its goal.
await import("./wake.ts");
await import("./durable.ts");
await import("./get.ts");
