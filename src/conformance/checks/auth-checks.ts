import { Code } from "@connectrpc/connect";
import { shownRefusal } from "../answer.ts";
import type { Check } from "../check.ts";
import { codeName } from "../code-name.ts";
import { Deviation, NotApplicable } from "../deviation.ts";
import { isDenied } from "../expectations.ts";
import { aip } from "../source.ts";
import { expectSo, type World } from "../world.ts";

/** The code that a caller without the user's headers gets for an operation that there is. */
async function codeWithoutCredentials(world: World): Promise<Code> {
  const answer = await world.caller.get(await world.anyName(), { anonymous: true });
  if (answer.ok || !isDenied(answer)) {
    const saw = answer.ok ? "OK" : shownRefusal(answer.refusal);
    throw new NotApplicable(`the server asks for no credentials: without them Get answers ${saw}`);
  }
  return answer.refusal.code;
}

export const authChecks: readonly Check[] = [
  {
    id: "auth/hides-what-exists",
    sentence:
      "A caller without credentials hears the same of operations that there are and that there are not",
    level: "must",
    source: aip(
      193,
      "Permission Denied",
      "Permission must be checked prior to checking if the resource or parent exists.",
    ),
    needs: ["credentials"],
    async ask(world) {
      const code = await codeWithoutCredentials(world);
      const answer = await world.caller.get(await world.unknownName(), { anonymous: true });
      const expected = `${codeName(code)}, as for an operation that there is`;
      if (answer.ok) throw new Deviation("OK for an unknown name", expected);
      expectSo(answer.refusal.code === code, `${shownRefusal(answer.refusal)} for an unknown name`, expected);
    },
  },
  {
    id: "auth/comes-before-validation",
    sentence: "A wrong request without credentials is refused for the credentials",
    level: "must",
    source: aip(
      211,
      "Guidance",
      "Services must check authorization before validating any request, to ensure both a secure API surface and a consistent user experience.",
    ),
    needs: ["credentials", "list"],
    async ask(world) {
      await codeWithoutCredentials(world);
      const answer = await world.caller.list({ pageSize: -1 }, { anonymous: true });
      const expected = `${codeName(Code.PermissionDenied)} or ${codeName(Code.Unauthenticated)}`;
      if (answer.ok) throw new Deviation("List with a page_size of -1 and without credentials: OK", expected);
      expectSo(isDenied(answer), `${shownRefusal(answer.refusal)} for a page_size of -1`, expected);
    },
  },
];
