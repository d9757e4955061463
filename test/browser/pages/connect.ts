import { connectCalls } from "./connect-calls.ts";
import { openConsole } from "./console.ts";
import { transportTo } from "./transports.ts";

const address = new URL(location.href).searchParams;
openConsole(connectCalls(transportTo(address.get("server") ?? "", address.get("calls") ?? "")));
