// Ends with 0 where the server on this machine says by grpc.health.v1 that it serves, and with 1 where not.
const port = process.env["PORT"] ?? "8080";
const answer = await fetch(`http://127.0.0.1:${port}/grpc.health.v1.Health/Check`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: "{}",
  signal: AbortSignal.timeout(2_000),
}).catch(() => undefined);
const status = answer?.ok ? (await answer.json()).status : undefined;
process.exit(status === "SERVING" ? 0 : 1);
