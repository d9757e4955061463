#!/usr/bin/env node
const [command, ...flags] = process.argv.slice(2);

// Whoever reads the output may have seen enough of it, as `head` has.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

// A server is not loaded to call one, nor a client to run one.
if (command === "serve") {
  const { runServer } = await import("../server/run-server.ts");
  await runServer(flags, [], "longrunning serve");
} else {
  const { runCommandLine } = await import("./run-command-line.ts");
  process.exitCode = await runCommandLine(process.argv.slice(2));
}
