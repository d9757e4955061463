// curl, with JSON by Connect's protocol or by REST: node main.js json|rest URL
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { connectCalls, restCalls } from "../fetch/calls.js";
import { show } from "../show.js";

const run = promisify(execFile);
const [, , protocol, url] = process.argv;
const calls = protocol === "rest" ? restCalls(send) : connectCalls(send);

/** Sends a request and answers the status and the JSON of what came back. */
async function send({ method, path, headers = {}, json, timeoutMs }) {
  const args = ["-sS", "-X", method, `${url}${path}`, "-w", "\n%{http_code}"];
  for (const [name, value] of Object.entries(headers)) args.push("-H", `${name}: ${value}`);
  if (json !== undefined) args.push("-H", "content-type: application/json", "-d", JSON.stringify(json));
  if (timeoutMs !== undefined) args.push("--max-time", String(timeoutMs / 1_000));
  const { stdout } = await run("curl", args);
  const end = stdout.lastIndexOf("\n");
  return { status: Number(stdout.slice(end)), json: JSON.parse(stdout.slice(0, end)) };
}

await show({ ...calls, ownDeadline: true });
