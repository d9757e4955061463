import type { DescMethodUnary, Registry } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { PRESETS, type Preset } from "./presets.ts";
import type { ReflectionClient } from "./reflection-client.ts";
import type { CallSettings } from "./rpc-caller.ts";
import { declaredTypes, readSchema, startMethodIn } from "./schema.ts";
import { type RestRoute, restRoute, rpcName, type StartMethod } from "./start-method.ts";
import { rpcStarter, type Starter } from "./starter.ts";
import { ConformanceUsageError } from "./usage-error.ts";

/** How operations are started at a server. */
export interface ChosenStart {
  readonly requests: StartMethod;
  /** By REST; undefined where there is no such way. */
  readonly rest: RestRoute | undefined;
  /** The types that the method declares. */
  readonly declared: Starter["declared"];
  /** By an RPC, over a transport; undefined where there is no such way. */
  readonly overRpc: ((transport: Transport, settings: CallSettings) => Starter) | undefined;
}

/** The preset of a server that is known. Throws a ConformanceUsageError where it is none. */
export async function presetOf(reflection: ReflectionClient): Promise<Preset> {
  const services = await reflection.services();
  const preset = PRESETS.find(({ service }) => services?.includes(service));
  if (preset !== undefined) return preset;
  const why =
    services === undefined
      ? "the server does not tell by reflection what it serves"
      : `none of the server's services is known (${services.join(", ")})`;
  throw new ConformanceUsageError(`${why}: say by --start and --succeeds how operations are started`);
}

/** Finds out how the method is called. Throws a ConformanceUsageError where that cannot be known. */
export async function chooseStart(requests: StartMethod, reflection: ReflectionClient): Promise<ChosenStart> {
  const route = restRoute(requests.method);
  if (route !== undefined) return { requests, rest: route, declared: "unknown", overRpc: undefined };
  const found = await findMethod(requests, reflection);
  return {
    requests,
    rest: requests.rest === undefined ? undefined : restRoute(requests.rest),
    declared: declaredTypes(found.method),
    overRpc: (transport, settings) => rpcStarter(transport, found.method, found.registry, requests, settings),
  };
}

async function findMethod(
  { method, schema }: StartMethod,
  reflection: ReflectionClient,
): Promise<{ readonly method: DescMethodUnary; readonly registry?: Registry }> {
  const name = rpcName(method);
  if (name === undefined) {
    throw new ConformanceUsageError(`"${method}" is no method; pkg.Service/Method and "POST /v1/things" are`);
  }
  if (schema === undefined && name.service === SimulatorService.typeName && name.method === "SimulateWork") {
    return { method: SimulatorService.method.simulateWork };
  }
  const registry = schema === undefined ? await reflection.registryOf(name.service) : readSchema(schema);
  if (registry === undefined) {
    throw new ConformanceUsageError(
      `the server does not tell by reflection of "${name.service}"; give its schema by --schema`,
    );
  }
  return { method: startMethodIn(registry, name), registry };
}
