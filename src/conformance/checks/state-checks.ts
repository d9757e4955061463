import { Code } from "@connectrpc/connect";
import type { Check } from "../check.ts";
import { Deviation, NotApplicable } from "../deviation.ts";
import { answered, expectRefusal } from "../expectations.ts";
import { type SeenAny, type SeenOperation, shownOperation, stateOf } from "../seen-operation.ts";
import { aip, operationsProto } from "../source.ts";
import { expectSo, type World } from "../world.ts";

/** The sentence that every RPC with the name of an operation is asked about. */
export const notFoundSource = aip(
  193,
  "Permission Denied",
  "If the user does have proper permission, but the requested resource or parent does not exist, the service must error with NOT_FOUND (HTTP 404).",
);

const doneSource = operationsProto(
  "Operation.done",
  "If `true`, the operation is completed, and either `error` or `response` is available.",
);

/** How often a done operation is looked at. */
const LOOKS = 8;

/** A done operation, looked at again and again. */
function looksAtDone(world: World): Promise<readonly SeenOperation[]> {
  return world.once("looks at a done operation", async () => {
    const first = await world.untilDone(await world.start("succeeds"));
    const looks = [first];
    for (let i = 0; i < LOOKS; i++) {
      looks.push(answered(await world.caller.get(first.name), "Get of a done operation"));
    }
    return looks;
  });
}

export const stateChecks: readonly Check[] = [
  {
    id: "state/can-be-got",
    sentence: "Get answers with the operation that was started",
    level: "must",
    source: operationsProto("Operations.GetOperation", "Gets the latest state of a long-running operation."),
    needs: [],
    async ask(world) {
      const name = await world.anyName();
      const seen = answered(await world.caller.get(name), "Get of an operation that was started");
      expectSo(seen.name === name, `an operation of the name "${seen.name}"`, `one of the name "${name}"`);
    },
  },
  {
    id: "state/unknown-name-is-not-found",
    sentence: "Get of a name that no operation has answers NOT_FOUND",
    level: "must",
    source: notFoundSource,
    needs: [],
    async ask(world) {
      const answer = await world.caller.get(await world.unknownName());
      expectRefusal(answer, "Get of an unknown name", Code.NotFound);
    },
  },
  {
    id: "state/running-has-no-result",
    sentence: "An operation that runs has neither an error nor a response",
    level: "must",
    source: operationsProto(
      "Operation.result",
      "If `done` == `false`, neither `error` nor `response` is set.",
    ),
    needs: ["lasts"],
    async ask(world) {
      const seen = answered(await world.caller.get(await world.running()), "Get of an operation that runs");
      if (seen.done) throw new NotApplicable("the operation that is to last was done at once");
      const isBare = seen.error === undefined && seen.response === undefined;
      expectSo(isBare, shownOperation(seen), "done: false, neither error nor response");
    },
  },
  {
    id: "state/done-has-one-result",
    sentence: "An operation that is done has either an error or a response",
    level: "must",
    source: doneSource,
    needs: ["succeeds"],
    async ask(world) {
      const seen = await world.ended("succeeds");
      const isOne = (seen.error === undefined) !== (seen.response === undefined);
      expectSo(
        isOne,
        shownOperation(seen),
        "exactly one of error and response (google.protobuf.Empty, where there is nothing to say)",
      );
    },
  },
  {
    id: "state/success-is-a-response",
    sentence: "Work that succeeds ends with a response that has a type",
    level: "must",
    source: operationsProto("Operation.response", "The normal, successful response of the operation."),
    needs: ["succeeds"],
    async ask(world) {
      const seen = await world.ended("succeeds");
      if (seen.error === undefined && seen.response === undefined)
        throw new NotApplicable("it ended without a result");
      const { error, response } = seen;
      const isSuccess = error === undefined && response !== undefined && response.typeName !== "";
      expectSo(isSuccess, shownOperation(seen), "a response, packed into an Any with a type URL");
    },
  },
  {
    id: "state/failure-is-an-error",
    sentence: "Work that fails ends as the operation's error, and Get itself succeeds",
    level: "must",
    source: aip(
      151,
      "Errors",
      "Operations that fail during their execution phase must return an error response (AIP-193), placed in the Operation.error google.rpc.Status field.",
    ),
    needs: ["fails"],
    async ask(world) {
      const seen = await world.ended("fails");
      expectSo(seen.error !== undefined && seen.response === undefined, shownOperation(seen), "an error");
    },
  },
  {
    id: "state/error-code-is-canonical",
    sentence: "The error of an operation has a code of google.rpc.Code, and not OK",
    level: "must",
    source: aip(
      193,
      "Status.code",
      "The code field is the status code, which must be the numeric value of one of the elements of the google.rpc.Code enum.",
    ),
    needs: ["fails"],
    async ask(world) {
      const { error } = await world.ended("fails");
      if (error === undefined) throw new NotApplicable("the operation that is to fail has no error");
      expectSo(error.code >= 1 && error.code <= 16, `code ${error.code}`, "a code from 1 to 16");
    },
  },
  {
    id: "state/done-stays-done",
    sentence: "An operation that is done is never running again",
    level: "must",
    source: doneSource,
    needs: ["succeeds"],
    async ask(world) {
      const looks = await looksAtDone(world);
      const back = looks.findIndex(({ done }) => !done);
      expectSo(back < 0, `done: false at look ${back} after it was done`, "done: true for ever");
    },
  },
  {
    id: "state/done-never-changes",
    sentence: "What an operation ended with, and its metadata, stay as they are",
    level: "must",
    source: doneSource,
    needs: ["succeeds"],
    async ask(world) {
      const states = (await looksAtDone(world)).filter(({ done }) => done).map(stateOf);
      const other = states.find((state) => state !== states[0]);
      if (other !== undefined)
        throw new Deviation(`${states[0]}, and later ${other}`, "the same at every Get");
    },
  },
  {
    id: "state/metadata-stays",
    sentence: "Metadata that is there while the work runs is there, of the same type, when it is done",
    level: "should",
    source: operationsProto(
      "Operation.metadata",
      "It typically contains progress information and common metadata such as create time.",
    ),
    needs: ["succeeds"],
    async ask(world) {
      const name = await world.start("succeeds");
      const before = answered(await world.caller.get(name), "Get of an operation that was started");
      if (before.done || before.metadata === undefined) {
        throw new NotApplicable("the operation has no metadata, or was done at once");
      }
      const { metadata } = await world.untilDone(name);
      const { typeName } = before.metadata;
      const saw =
        metadata === undefined ? "no metadata when it is done" : `metadata of ${metadata.typeName} then`;
      expectSo(
        metadata?.typeName === typeName,
        `${typeName} while it runs, and ${saw}`,
        `${typeName} all along`,
      );
    },
  },
  {
    id: "state/types-are-as-declared",
    sentence: "Response and metadata are of the types that the method declares",
    level: "must",
    source: operationsProto(
      "OperationInfo.response_type",
      "This type will be used to deserialize the LRO's response.",
    ),
    needs: ["types", "succeeds"],
    async ask(world) {
      const { declared } = world.starter;
      if (declared === "unknown" || declared === undefined)
        throw new NotApplicable("the method declares no types");
      const { response, metadata } = await world.ended("succeeds");
      expectType("the response", response, declared.response);
      expectType("the metadata", metadata, declared.metadata);
    },
  },
];

function expectType(what: string, seen: SeenAny | undefined, declared: string): void {
  if (seen === undefined || seen.typeName === "" || declared === "") return;
  // A declared name may be relative to a package around the method's.
  const isIt = seen.typeName === declared || seen.typeName.endsWith(`.${declared}`);
  expectSo(isIt, `${what} is ${seen.typeName}`, declared);
}
