import { shownRefusal } from "../answer.ts";
import type { Check } from "../check.ts";
import { Deviation, NotApplicable } from "../deviation.ts";
import { answered } from "../expectations.ts";
import { endsWithId } from "../operation-names.ts";
import { aip, operationsProto } from "../source.ts";
import { expectSo } from "../world.ts";

export const startChecks: readonly Check[] = [
  {
    id: "start/answers-with-an-operation",
    sentence: "A method that takes long answers with an operation that has a name",
    level: "must",
    source: aip(151, "Guidance", "The response type must be google.longrunning.Operation."),
    needs: [],
    async ask(world) {
      const kinds = (["succeeds", "fails", "lasts"] as const).filter((kind) => world.starter.kinds.has(kind));
      if (kinds.length === 0) throw new NotApplicable("no request is given that starts an operation");
      for (const kind of kinds) {
        const { name } = answered(
          await world.tryToStart(kind),
          `${world.starter.shown} with the request of "${kind}"`,
        );
        expectSo(name !== "", "an operation without a name", "an operation that can be asked for");
      }
    },
  },
  {
    id: "start/name-ends-with-an-id",
    sentence: "An operation's name ends with operations/{unique_id}",
    level: "should",
    source: operationsProto(
      "Operation.name",
      "If you use the default HTTP mapping, the `name` should be a resource name ending with `operations/{unique_id}`.",
    ),
    needs: [],
    async ask(world) {
      const name = await world.anyName();
      expectSo(endsWithId(name), `"${name}"`, "operations/ID or PARENT/operations/ID");
    },
  },
  {
    id: "start/names-are-unique",
    sentence: "Two starts make two operations",
    level: "must",
    source: operationsProto(
      "Operation.name",
      "The server-assigned name, which is only unique within the same service that originally returns it.",
    ),
    needs: ["succeeds"],
    async ask(world) {
      const [first, second] = [await world.start("succeeds"), await world.start("succeeds")];
      expectSo(first !== second, `"${first}" twice`, "two names");
    },
  },
  {
    id: "start/declares-its-types",
    sentence: "The method declares what its operations end with and what they report",
    level: "must",
    source: aip(
      151,
      "Guidance",
      "The method must include a google.longrunning.operation_info annotation, which must define both response and metadata types.",
    ),
    needs: ["types"],
    async ask({ starter: { declared, shown } }) {
      if (declared === "unknown") return;
      const isWhole = declared !== undefined && declared.response !== "" && declared.metadata !== "";
      const saw = declared === undefined ? "no operation_info" : JSON.stringify(declared);
      expectSo(isWhole, `${saw} at ${shown}`, "operation_info with response_type and metadata_type");
    },
  },
  {
    id: "start/refused-at-once",
    sentence: "Work that cannot start is refused by the call itself",
    level: "must",
    source: aip(
      151,
      "Errors",
      "Errors that prevent a long-running operation from starting must return an error response (AIP-193), similar to any other method.",
    ),
    needs: ["refused"],
    async ask(world) {
      const answer = await world.tryToStart("refused");
      const expected = "a refusal of the call, and no operation";
      if (answer.ok) throw new Deviation(`operation "${answer.value.name}"`, expected);
      if (answer.refusal.byUs) throw new Deviation(shownRefusal(answer.refusal), expected);
    },
  },
  {
    id: "start/request-id-starts-once",
    sentence: "The same request_id starts no second operation",
    level: "must",
    source: aip(155, "Guidance", "Providing a request ID must guarantee idempotency."),
    needs: ["succeeds", "request_id"],
    async ask(world) {
      const requestId = crypto.randomUUID();
      const first = answered(await world.tryToStart("succeeds", requestId), "a start with a request_id");
      const second = await world.tryToStart("succeeds", requestId);
      // A refusal starts nothing either.
      if (!second.ok) return;
      const saw = `operations "${first.name}" and "${second.value.name}"`;
      expectSo(second.value.name === first.name, saw, "the same operation twice");
    },
  },
];
