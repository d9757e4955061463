import { Code } from "@connectrpc/connect";
import type { ErrorInfo } from "../../../gen/google/rpc/error_details_pb.ts";
import { type Refusal, shownRefusal } from "../answer.ts";
import type { Check } from "../check.ts";
import { Deviation, NotApplicable } from "../deviation.ts";
import { aip } from "../source.ts";
import type { World } from "../world.ts";

/** Codes that a service itself refuses with: those of a broken connection, or of a missing method, are its framework's. */
const OWN_CODES: readonly Code[] = [
  ...[Code.InvalidArgument, Code.NotFound, Code.AlreadyExists, Code.PermissionDenied, Code.Unauthenticated],
  ...[Code.ResourceExhausted, Code.FailedPrecondition, Code.Aborted, Code.OutOfRange],
];

/** What the server has refused so far: these checks come last. */
async function refusalsOf(world: World): Promise<readonly Refusal[]> {
  // So that there is one at least.
  await world.caller.get(await world.unknownName());
  const own = world.refusals.filter(({ code, byUs }) => !byUs && OWN_CODES.includes(code));
  if (own.length === 0) throw new NotApplicable("the server has refused nothing");
  return own;
}

function infosOf({ details }: Refusal): ErrorInfo[] {
  return details.flatMap(({ errorInfo }) => errorInfo ?? []);
}

/** Looks at every ErrorInfo that was seen. */
async function expectOfInfos(
  world: World,
  faultOf: (info: ErrorInfo) => string | undefined,
  expected: string,
) {
  const infos = (await refusalsOf(world)).flatMap(infosOf);
  if (infos.length === 0)
    throw new NotApplicable("no error has an ErrorInfo; error/has-one-error-info tells of that");
  for (const info of infos) {
    const fault = faultOf(info);
    if (fault !== undefined) throw new Deviation(fault, expected);
  }
}

/** Looks at every refusal that was seen. */
async function expectOfRefusals(
  world: World,
  faultOf: (refusal: Refusal) => string | undefined,
  expected: string,
) {
  for (const refusal of await refusalsOf(world)) {
    const fault = faultOf(refusal);
    if (fault !== undefined) throw new Deviation(`${shownRefusal(refusal)} ${fault}`, expected);
  }
}

export const errorChecks: readonly Check[] = [
  {
    id: "error/has-one-error-info",
    sentence: "Every error has a google.rpc.ErrorInfo",
    level: "must",
    source: aip(193, "Status.details", "All error responses must include an ErrorInfo within details."),
    needs: [],
    ask: (world) =>
      expectOfRefusals(
        world,
        (refusal) =>
          refusal.details.some(({ typeName }) => typeName === "google.rpc.ErrorInfo")
            ? undefined
            : "without ErrorInfo",
        "an ErrorInfo in the details",
      ),
  },
  {
    id: "error/each-detail-once",
    sentence: "No error has two details of one type",
    level: "must",
    source: aip(193, "Status.details", "Each type of detail payload must be included at most once."),
    needs: [],
    ask: (world) =>
      expectOfRefusals(
        world,
        ({ details }) => {
          const names = details.map(({ typeName }) => typeName);
          const twice = names.find((name, at) => names.indexOf(name) !== at);
          return twice === undefined ? undefined : `with ${twice} twice`;
        },
        "each type once",
      ),
  },
  {
    id: "error/reason-is-upper-snake-case",
    sentence: "The reason of an ErrorInfo is in UPPER_SNAKE_CASE, of at most 63 characters",
    level: "must",
    source: aip(
      193,
      "ErrorInfo",
      "The reason must be at most 63 characters and match a regular expression of [A-Z][A-Z0-9_]+[A-Z0-9].",
    ),
    needs: [],
    ask: (world) =>
      expectOfInfos(
        world,
        ({ reason }) =>
          reason.length <= 63 && /^[A-Z][A-Z0-9_]+[A-Z0-9]$/.test(reason)
            ? undefined
            : `reason ${JSON.stringify(reason)}`,
        "one such as OPERATION_NOT_FOUND",
      ),
  },
  {
    id: "error/has-a-domain",
    sentence: "An ErrorInfo names the domain of its reason",
    level: "must",
    source: aip(
      193,
      "ErrorInfo",
      "The domain must be a globally unique value, and is typically the name of the service that generated the error, e.g. pubsub.googleapis.com.",
    ),
    needs: [],
    ask: (world) =>
      expectOfInfos(
        world,
        ({ domain }) => (domain === "" ? "an empty domain" : undefined),
        "the name of the service",
      ),
  },
  {
    id: "error/metadata-keys-are-short",
    sentence: "The metadata keys of an ErrorInfo match [a-z][a-zA-Z0-9-_]+, with at most 64 characters",
    level: "must",
    source: aip(
      193,
      "ErrorInfo",
      "Each key within metadata must be at most 64 characters long, and conform to the regular expression [a-z][a-zA-Z0-9-_]+.",
    ),
    needs: [],
    ask: (world) =>
      expectOfInfos(
        world,
        ({ metadata }) => {
          const wrong = Object.keys(metadata).find(
            (key) => key.length > 64 || !/^[a-z][a-zA-Z0-9\-_]+$/.test(key),
          );
          return wrong === undefined ? undefined : `the key ${JSON.stringify(wrong)}`;
        },
        "keys such as vmType or vm_type",
      ),
  },
  {
    id: "error/has-a-message",
    sentence: "Every error has a message for developers",
    level: "should",
    source: aip(
      193,
      "Status.message",
      'The message field is a developer-facing, human-readable "debug message" which should be in English.',
    ),
    needs: [],
    ask: (world) =>
      expectOfRefusals(
        world,
        ({ message }) => (message.trim() === "" ? "without a message" : undefined),
        "a message",
      ),
  },
  {
    id: "error/names-the-wrong-field",
    sentence: "INVALID_ARGUMENT has a google.rpc.BadRequest that names the field",
    level: "should",
    source: aip(193, "Status.details", "Services should use these standard detail payloads when feasible."),
    needs: [],
    async ask(world) {
      const invalid = (await refusalsOf(world)).filter(({ code }) => code === Code.InvalidArgument);
      if (invalid.length === 0) throw new NotApplicable("the server has answered no INVALID_ARGUMENT");
      for (const refusal of invalid) {
        const violations = refusal.details.flatMap(({ badRequest }) => badRequest?.fieldViolations ?? []);
        if (violations.some(({ field }) => field !== "")) continue;
        throw new Deviation(
          `${shownRefusal(refusal)} without a field`,
          "a BadRequest with a field violation",
        );
      }
    },
  },
];
