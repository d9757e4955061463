import type { DescMessage, MessageShape, Registry } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import type { AnyRegistry } from "../json/any-registry.ts";
import { readFromJson } from "../json/read-from-json.ts";
import { shownInJson } from "../json/shown-in-json.ts";
import { knownTypes } from "../operation/known-types.ts";
import type { OperationType } from "../operation/operation-type.ts";

/** Options of a Connect transport whose messages are JSON. */
export interface AnyInJsonOptions {
  readonly jsonOptions: { readonly registry: Registry };
  readonly interceptors: Interceptor[];
}

/**
 * Options with which a transport reads in JSON the operations of these types, and those of all others too: an Any of
 * an unknown type has its bytes, as it has in binary. A transport without them refuses an answer that holds one.
 * For `createConnectTransport({ baseUrl, ...anyInJson([ExportReport]) })`; other interceptors go before its own.
 * Where messages are binary, nothing of this is needed, and it does nothing.
 */
export function anyInJson(types: readonly OperationType[], more?: Registry): AnyInJsonOptions {
  const registry = knownTypes(types, more);
  return { jsonOptions: { registry }, interceptors: [readingAny(registry)] };
}

function readingAny(registry: AnyRegistry): Interceptor {
  return (next) => async (request) => {
    if (!/\bjson\b/.test(request.header.get("content-type") ?? "")) return next(request);
    const { input, output } = request.method;
    const shown = (message: MessageShape<DescMessage>) => shownInJson(input, message, registry);
    const read = (message: MessageShape<DescMessage>) => readFromJson(output, message, registry);
    const response = await next(
      request.stream
        ? { ...request, message: each(request.message, shown) }
        : { ...request, message: shown(request.message) },
    );
    return response.stream
      ? { ...response, message: each(response.message, read) }
      : { ...response, message: read(response.message) };
  };
}

async function* each<From, To>(
  messages: AsyncIterable<From>,
  change: (message: From) => To,
): AsyncIterable<To> {
  for await (const message of messages) yield change(message);
}
