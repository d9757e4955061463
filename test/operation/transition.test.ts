import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { StoredOperation } from "../../src/operation/stored-operation.ts";
import {
  abandon,
  complete,
  giveBack,
  ownedBy,
  reportProgress,
  requestCancel,
  type Transition,
  takeOver,
} from "../../src/operation/transition.ts";
import {
  anyOf,
  ended,
  failure,
  NOON_MS,
  running,
} from "../../src/testing/store-contract/sample-operations.ts";

const metadata = anyOf("a/b.Progress", [1]);
const response = { case: "response", value: anyOf("a/b.Response", [2]) } as const;
const error = failure();
const end = { endTimeMs: NOON_MS + 1, retentionMs: 1 };

const transitions: readonly [string, Transition][] = [
  ["requestCancel", requestCancel],
  ["reportProgress", reportProgress(metadata)],
  ["complete", complete({ result: response, ...end })],
];

function codeOf(act: () => unknown): Code | undefined {
  try {
    act();
    return undefined;
  } catch (thrown) {
    return ConnectError.from(thrown).code;
  }
}

describe.each(transitions)("%s", (_, transition) => {
  const stored = running("a", { parent: "projects/p", metadata: anyOf("a/b.Progress", [0]) });

  it("leaves what it is given as it is", () => {
    const before = structuredClone(stored);
    transition(stored);
    expect(stored).toEqual(before);
  });

  it("leaves the revision to the store", () => {
    expect(transition(stored).revision).toBe(stored.revision);
  });

  it("leaves name, parent and create time alone", () => {
    const identity = ({ name, parent, createTimeMs, message }: StoredOperation) => ({
      ...{ name, parent, createTimeMs },
      nameInMessage: message.name,
    });
    expect(identity(transition(stored))).toEqual(identity(stored));
  });

  it("answers the same every time", () => {
    expect(transition(stored)).toEqual(transition(stored));
  });

  it("answers with a message that nobody can change", () => {
    const { message } = transition(stored);
    const parts: unknown[] = [message, message.metadata, message.result, message.result.value];
    expect(parts.filter((part) => !Object.isFrozen(part))).toEqual([]);
  });
});

describe("requestCancel", () => {
  it("notes that the client asked", () => {
    expect(requestCancel(running("a")).cancelRequested).toBe(true);
  });

  it("does not end the operation, and tells nothing of progress", () => {
    expect(requestCancel(running("a")).message).toEqual(running("a").message);
  });

  it("changes nothing where the client has asked before", () => {
    const asked = requestCancel(running("a"));
    expect(requestCancel(asked)).toBe(asked);
  });

  it("changes nothing where the operation is done", () => {
    const done = ended(running("a"), NOON_MS);
    expect(requestCancel(done)).toBe(done);
  });
});

describe("reportProgress", () => {
  it("tells how far the work is", () => {
    expect(reportProgress(metadata)(running("a")).message.metadata).toEqual(metadata);
  });

  it("replaces what was told before", () => {
    const before = running("a", { metadata: anyOf("a/b.Other", [9]) });
    expect(reportProgress(metadata)(before).message.metadata).toEqual(metadata);
  });

  it("does not end the operation", () => {
    const { message, endTimeMs } = reportProgress(metadata)(running("a"));
    expect([message.done, message.result.case, endTimeMs]).toEqual([false, undefined, undefined]);
  });

  it("forgets no cancel", () => {
    expect(reportProgress(metadata)(requestCancel(running("a"))).cancelRequested).toBe(true);
  });

  it("is refused where the operation is done", () => {
    const done = ended(running("a"), NOON_MS);
    expect(codeOf(() => reportProgress(metadata)(done))).toBe(Code.FailedPrecondition);
  });
});

describe("complete", () => {
  it.each([response, error])("ends the operation with the $case", (result) => {
    const { message } = complete({ result, ...end })(running("a"));
    expect([message.done, message.result]).toEqual([true, result]);
  });

  it("notes when the operation ended, and when it may be forgotten", () => {
    const { endTimeMs, expireTimeMs } = complete({ result: response, ...end })(running("a"));
    expect({ endTimeMs, expireTimeMs }).toEqual({ endTimeMs: NOON_MS + 1, expireTimeMs: NOON_MS + 2 });
  });

  it("ends no operation before it was created, whatever the clock says", () => {
    const early = { result: response, endTimeMs: NOON_MS - 5_000, retentionMs: 1 };
    const { endTimeMs, expireTimeMs } = complete(early)(running("a", { createTimeMs: NOON_MS }));
    expect({ endTimeMs, expireTimeMs }).toEqual({ endTimeMs: NOON_MS, expireTimeMs: NOON_MS + 1 });
  });

  it("brings a last report of progress", () => {
    const stored = running("a", { metadata: anyOf("a/b.Progress", [0]) });
    expect(complete({ result: response, metadata, ...end })(stored).message.metadata).toEqual(metadata);
  });

  it("keeps the last report of progress where it brings none", () => {
    const stored = running("a", { metadata });
    expect(complete({ result: response, ...end })(stored).message.metadata).toEqual(metadata);
  });

  it("succeeds also where a cancel was asked for", () => {
    const done = complete({ result: response, ...end })(requestCancel(running("a")));
    expect([done.cancelRequested, done.message.result.case]).toEqual([true, "response"]);
  });

  it.each([response, error])("is refused where the operation is done, with the $case", (result) => {
    const done = ended(running("a"), NOON_MS, result);
    expect(codeOf(() => complete({ result: response, ...end })(done))).toBe(Code.FailedPrecondition);
  });
});

const owned = () => running("a", { owner: "o1" });

describe("takeOver", () => {
  it("gives the work to the new owner, for one more attempt", () => {
    expect(takeOver("o2", NOON_MS + 9)(owned())).toEqual({ ...owned(), owner: "o2", attempt: 2 });
  });

  it("says when the work was begun where nobody has begun it before", () => {
    expect(takeOver("o2", NOON_MS + 9)(running("a")).startTimeMs).toBe(NOON_MS + 9);
  });

  it("refuses what is done", () => {
    expect(codeOf(() => takeOver("o2", NOON_MS)(ended(owned(), NOON_MS)))).toBe(Code.FailedPrecondition);
  });
});

describe("giveBack", () => {
  it("leaves the operation without an owner, and without the attempt", () => {
    expect(giveBack(owned())).toEqual({ ...owned(), owner: undefined, attempt: 0 });
  });
});

describe("abandon", () => {
  it("leaves the operation without an owner, and the attempt counts", () => {
    expect(abandon(owned())).toEqual({ ...owned(), owner: undefined });
  });
});

describe("complete", () => {
  it.each([Number.POSITIVE_INFINITY, Number.MAX_VALUE, Number.MAX_SAFE_INTEGER, 253_402_300_800_000])(
    "keeps for ever what would be kept for %d ms",
    (retentionMs) => {
      expect(complete({ result: response, endTimeMs: NOON_MS, retentionMs })(owned()).expireTimeMs).toBe(
        undefined,
      );
    },
  );
});

describe("ownedBy", () => {
  it("makes the transition for the owner", () => {
    expect(ownedBy({ owner: "o1", attempt: 1 }, requestCancel)(owned()).cancelRequested).toBe(true);
  });

  it.each([
    ["another owner", owned()],
    ["another attempt of the same owner", takeOver("o2", NOON_MS)(running("a", { owner: "o2" }))],
    ["an operation that was given back", giveBack(owned())],
    ["an operation that is done", ended(running("a", { owner: "o2" }), NOON_MS)],
  ])("refuses %s", (_what, stored) => {
    expect(codeOf(() => ownedBy({ owner: "o2", attempt: 1 }, requestCancel)(stored))).toBe(
      Code.FailedPrecondition,
    );
  });
});
