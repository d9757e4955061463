import { Code } from "@connectrpc/connect";
import type { Check } from "../check.ts";
import { Deviation } from "../deviation.ts";
import { expectRefusal } from "../expectations.ts";
import { aip, operationsProto } from "../source.ts";

const validation = aip(
  160,
  "Validation",
  "If a non-compliant or schematically invalid filter string is specified, the API should error with INVALID_ARGUMENT.",
);

export const filterChecks: readonly Check[] = [
  {
    id: "list/filter-is-not-ignored",
    sentence: "A filter is followed, or refused",
    level: "should",
    source: validation,
    needs: ["list", "lasts"],
    async ask(world) {
      await world.running();
      const answer = await world.caller.list({ pageSize: 100, filter: "done=true" });
      if (!answer.ok) {
        expectRefusal(answer, 'List with the filter "done=true"', Code.InvalidArgument, Code.Unimplemented);
        return;
      }
      const running = answer.value.operations.find(({ done }) => !done);
      if (running !== undefined)
        throw new Deviation(`"${running.name}", which is not done`, 'only what matches "done=true"');
    },
  },
  {
    id: "list/bad-filter-is-refused",
    sentence: "A filter that is none is INVALID_ARGUMENT",
    level: "should",
    source: validation,
    needs: ["list"],
    async ask(world) {
      const answer = await world.caller.list({ filter: "done = (((" });
      expectRefusal(answer, 'List with the filter "done = ((("', Code.InvalidArgument, Code.Unimplemented);
    },
  },
  {
    id: "list/partial-success-is-not-ignored",
    sentence: "return_partial_success is UNIMPLEMENTED, unless the service documents that it supports it",
    level: "should",
    source: operationsProto(
      "ListOperationsRequest.return_partial_success",
      "This field is not by default supported and will result in an `UNIMPLEMENTED` error if set unless explicitly documented otherwise in service or product specific documentation.",
    ),
    needs: ["list"],
    async ask(world) {
      const answer = await world.caller.list({ returnPartialSuccess: true });
      expectRefusal(answer, "List with return_partial_success", Code.Unimplemented, Code.InvalidArgument);
    },
  },
];
