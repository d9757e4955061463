import { Code } from "@connectrpc/connect";
import type { Check } from "../check.ts";
import { NotApplicable } from "../deviation.ts";
import { answered, expectRefusal } from "../expectations.ts";
import { aip } from "../source.ts";
import { expectSo, type World } from "../world.ts";
import { threeOperations } from "./three-operations.ts";

const page = (sentence: string) => aip(158, "Guidance", sentence);

/** Above the maximum of most servers, and still no great load for one that has none. */
const LARGE_PAGE = 5_000;

/** The token behind a page of one operation. */
function someToken(world: World): Promise<string> {
  return world.once("some page token", async () => {
    await threeOperations(world);
    const { nextPageToken } = answered(
      await world.caller.list({ pageSize: 1 }),
      "List with a page_size of 1",
    );
    if (nextPageToken === "") throw new NotApplicable("the server gave no next_page_token");
    return nextPageToken;
  });
}

export const pageChecks: readonly Check[] = [
  {
    id: "list/page-size-is-a-maximum",
    sentence: "A page has no more operations than asked for",
    level: "must",
    source: page(
      "Request messages for collections should define an int32 page_size field, allowing users to specify the maximum number of results to return.",
    ),
    needs: ["list", "succeeds"],
    async ask(world) {
      await threeOperations(world);
      const { operations } = answered(await world.caller.list({ pageSize: 2 }), "List with a page_size of 2");
      expectSo(operations.length <= 2, `${operations.length} operations`, "at most 2");
    },
  },
  {
    id: "list/page-size-has-a-default",
    sentence: "A page size of zero, or none, is no error",
    level: "must",
    source: page(
      "If the user does not specify page_size (or specifies 0), the API chooses an appropriate default, which the API should document. The API must not return an error.",
    ),
    needs: ["list"],
    async ask(world) {
      answered(await world.caller.list({}), "List without a page_size");
      answered(await world.caller.list({ pageSize: 0 }), "List with a page_size of 0");
    },
  },
  {
    id: "list/page-size-is-coerced-down",
    sentence: "A page size above the maximum is taken for the maximum",
    level: "should",
    source: page(
      "If the user specifies page_size greater than the maximum permitted by the API, the API should coerce down to the maximum permitted page size.",
    ),
    needs: ["list"],
    async ask(world) {
      answered(await world.caller.list({ pageSize: LARGE_PAGE }), `List with a page_size of ${LARGE_PAGE}`);
    },
  },
  {
    id: "list/negative-page-size-is-refused",
    sentence: "A negative page size is INVALID_ARGUMENT",
    level: "must",
    source: page(
      "If the user specifies a negative value for page_size, the API must send an INVALID_ARGUMENT error.",
    ),
    needs: ["list"],
    async ask(world) {
      expectRefusal(
        await world.caller.list({ pageSize: -1 }),
        "List with a page_size of -1",
        Code.InvalidArgument,
      );
    },
  },
  {
    id: "list/made-up-token-is-refused",
    sentence: "A page token that the server did not give is INVALID_ARGUMENT",
    level: "should",
    source: aip(
      158,
      "Opacity",
      "Page tokens provided by APIs must be opaque (but URL-safe) strings, and must not be user-parseable.",
    ),
    needs: ["list"],
    async ask(world) {
      const answer = await world.caller.list({ pageSize: 1, pageToken: "bWFkZSB1cA" });
      expectRefusal(answer, "List with a made-up page_token", Code.InvalidArgument);
    },
  },
  {
    id: "list/token-is-for-its-filter",
    sentence: "A page token with another filter than its own is INVALID_ARGUMENT",
    level: "should",
    source: page(
      "The user is expected to keep all other arguments to the RPC the same; if any arguments are different, the API should send an INVALID_ARGUMENT error.",
    ),
    needs: ["list", "succeeds"],
    async ask(world) {
      const pageToken = await someToken(world);
      const answer = await world.caller.list({ pageSize: 1, pageToken, filter: "done=true" });
      expectRefusal(
        answer,
        "List with the page_token of another filter",
        Code.InvalidArgument,
        Code.Unimplemented,
      );
    },
  },
  {
    id: "list/page-size-may-change",
    sentence: "A further page may have another page size",
    level: "must",
    source: page(
      "If the user changes the page_size in a request for subsequent pages, the service must honor the new page size.",
    ),
    needs: ["list", "succeeds"],
    async ask(world) {
      const pageToken = await someToken(world);
      const call = "List of a further page with a page_size of 2";
      const { operations } = answered(await world.caller.list({ pageSize: 2, pageToken }), call);
      expectSo(operations.length <= 2, `${operations.length} operations`, "at most 2");
    },
  },
  {
    id: "list/token-is-url-safe",
    sentence: "A page token is made of characters that a URL may have",
    level: "must",
    source: aip(
      158,
      "Opacity",
      "Page tokens provided by APIs must be opaque (but URL-safe) strings, and must not be user-parseable.",
    ),
    needs: ["list", "succeeds"],
    async ask(world) {
      const token = await someToken(world);
      // RFC 3986's unreserved characters, and the padding of base64url.
      expectSo(/^[A-Za-z0-9\-._~=]+$/.test(token), JSON.stringify(token), "only A-Z a-z 0-9 - . _ ~ and =");
    },
  },
];
