import type { HandlerContext } from "@connectrpc/connect";

/** Whether a call's messages are JSON, in any of the protocols. */
export function isInJson({ requestMethod, requestHeader, url }: HandlerContext): boolean {
  if (requestMethod === "GET") return new URL(url).searchParams.get("encoding") === "json";
  return /^application\/(?:json|[a-z-]+\+json)(?:$|[ ;])/i.test(requestHeader.get("content-type") ?? "");
}
