import { openConsole } from "./console.ts";
import { jsonCalls } from "./json-calls.ts";
import { restCalls } from "./rest-calls.ts";

const address = new URL(location.href).searchParams;
const server = address.get("server") ?? "";
openConsole(address.get("calls") === "fetch-rest" ? restCalls(server) : jsonCalls(server));
