import { create, createRegistry } from "@bufbuild/protobuf";
import { Code, ConnectError, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import { compressionGzip } from "@connectrpc/connect-node";
import { EchoService, file_echo_v1_echo, type Thing, ThingSchema } from "./gen/echo/v1/echo_pb.ts";
import { type OpenRestServer, type OpenRestServerOptions, openRestServer } from "./open-rest-server.ts";

/** A server that answers with what its methods were asked. */
export interface EchoServer extends OpenRestServer {
  /** What the methods were called with, the newest last. */
  readonly calls: readonly { readonly thing: Thing; readonly context: HandlerContext }[];
}

/** Opens a server of EchoService. */
export async function openEchoServer(options: Partial<OpenRestServerOptions> = {}): Promise<EchoServer> {
  const calls: { thing: Thing; context: HandlerContext }[] = [];
  const echo = (thing: Thing, context: HandlerContext) => {
    calls.push({ thing, context });
    context.responseHeader.set("x-from-method", "header");
    return thing;
  };
  const implementation: Partial<ServiceImpl<typeof EchoService>> = {
    getThing: echo,
    createPart: echo,
    updatePart: echo,
    replaceThing: echo,
    tagThing: echo,
    deleteThing: echo,
    checkThing: echo,
    async *watchThing(thing, context) {
      context.responseHeader.set("x-from-method", "header");
      context.responseTrailer.set("x-last-word", "trailer");
      for (let count = 1; count <= thing.count; count++)
        yield create(ThingSchema, { name: thing.name, count });
      if (thing.name === "things/failing") throw new ConnectError("the stream broke", Code.DataLoss);
      calls.push({ thing, context });
    },
    fail({ code, message }) {
      throw new ConnectError(message, code);
    },
  };
  const server = await openRestServer({
    acceptCompression: [compressionGzip],
    json: { registry: createRegistry(file_echo_v1_echo) },
    ...options,
    routes: (router) => {
      router.service(EchoService, implementation);
      options.routes?.(router);
    },
  });
  return Object.assign(server, { calls });
}

/** What an answer says, and with which status. */
export async function statusAndJson(response: Response): Promise<[status: number, json: unknown]> {
  return [response.status, await response.json()];
}

/** The error that an answer is. */
export async function errorIn(response: Response): Promise<AnsweredError> {
  const { error } = await response.json();
  return error;
}

/** An error as AIP-193 has it. */
export interface AnsweredError {
  readonly code: number;
  readonly status: string;
  readonly message: string;
  readonly details: readonly Record<string, unknown>[];
}
