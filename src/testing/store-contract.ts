import type { OperationStore } from "../store/operation-store.ts";
import { changeCases } from "./store-contract/change-cases.ts";
import { conditionCases } from "./store-contract/condition-cases.ts";
import { delayCases } from "./store-contract/delay-cases.ts";
import { expiryCases } from "./store-contract/expiry-cases.ts";
import { keepCases } from "./store-contract/keep-cases.ts";
import { keyCases } from "./store-contract/key-cases.ts";
import { listCases } from "./store-contract/list-cases.ts";
import { ownerCases } from "./store-contract/owner-cases.ts";
import { rangeCases } from "./store-contract/range-cases.ts";
import { replaceCases } from "./store-contract/replace-cases.ts";
import { requestCases } from "./store-contract/request-cases.ts";
import type { StoreCases } from "./store-contract/store-cases.ts";
import { surplusCases } from "./store-contract/surplus-cases.ts";

/** What the contract needs of a test runner: vitest, node:test and jest have it. */
export interface TestRunner {
  /** Names a group of cases, which `body` declares. */
  describe(name: string, body: () => void): unknown;
  /** Declares a case, which fails where `body` rejects. */
  it(name: string, body: () => Promise<void>): unknown;
}

const chapters: Readonly<Record<string, StoreCases>> = {
  "keeps operations": keepCases,
  "swaps revisions": replaceCases,
  "lists operations": listCases,
  "lists by a condition": conditionCases,
  "lists in a range": rangeCases,
  "forgets what has expired": expiryCases,
  "forgets what is too many": surplusCases,
  "starts a request once": requestCases,
  "finds what nobody runs": ownerCases,
  "lets work wait": delayCases,
  "tells of changes": changeCases,
  "shares keys": keyCases,
};

/**
 * The contract of an OperationStore as a test suite, the same for every store. `open` opens an empty store;
 * each case opens its own, and disposes of it. Only changes that this process makes are asked about.
 *
 * A case fails with an AssertionError of node:assert. The slowest waits 4 s for an announcement before it fails.
 */
export function describeStoreContract(
  name: string,
  open: () => Promise<OperationStore>,
  runner: TestRunner,
): void {
  runner.describe(`the store contract: ${name}`, () => {
    for (const [chapter, cases] of Object.entries(chapters)) {
      runner.describe(chapter, () => {
        for (const [sentence, holds] of Object.entries(cases)) {
          runner.it(sentence, async () => {
            await using store = await open();
            await holds(store);
          });
        }
      });
    }
  });
}
