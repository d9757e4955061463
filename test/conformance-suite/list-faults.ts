import { create } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import {
  type ListOperationsRequest,
  ListOperationsRequestSchema,
  ListOperationsResponseSchema,
  OperationSchema,
} from "../../gen/google/longrunning/operations_pb.ts";
import { invalid, seenOtherwise } from "./change-operations.ts";
import type { Fault, Rpcs } from "./faulty-server.ts";

type Other = (request: ListOperationsRequest) => Partial<ListOperationsRequest>;

/** Takes a request for another one. */
function takenOtherwise(other: Other): Fault {
  return {
    rpcs: (right) => ({ list: (request, context) => right.list({ ...request, ...other(request) }, context) }),
  };
}

/** Refuses certain requests. */
function refusing(isRefused: (request: ListOperationsRequest) => boolean, field: string): Fault {
  return {
    rpcs: (right) => ({
      list: async (request, context) => {
        if (isRefused(request)) throw invalid(field);
        return right.list(request, context);
      },
    }),
  };
}

/** All that is kept, the newest first. */
async function listAll(right: Rpcs, context: HandlerContext) {
  const request = create(ListOperationsRequestSchema, { name: "operations", pageSize: 1_000 });
  return (await right.list(request, context)).operations;
}

/** Servers that are wrong about ListOperations, by what is wrong about them. */
export const listFaults: Readonly<Record<string, readonly [fault: Fault, ...found: string[]]>> = {
  "List is always refused": [refusing(() => true, "name"), "list/is-answered"],
  "the list is empty": [
    {
      rpcs: (right) => ({
        list: async (...args) => ({ ...(await right.list(...args)), operations: [], nextPageToken: "" }),
      }),
    },
    "list/shows-what-was-started",
  ],
  "the list has what Get does not know": [
    {
      rpcs: (right) => {
        let hasShown = false;
        return {
          list: async (request, context) => {
            const page = await right.list(request, context);
            if (request.pageSize !== 3 || hasShown) return page;
            hasShown = true;
            const phantom = create(OperationSchema, { name: "operations/phantom" });
            return { ...page, operations: [phantom, ...page.operations.slice(1)] };
          },
        };
      },
    },
    "list/what-it-shows-can-be-got",
  ],
  "the list leaves out the metadata": [
    seenOtherwise("list", (operation) => {
      delete operation.metadata;
    }),
    "list/agrees-with-get",
  ],
  "a page has more than was asked for": [
    takenOtherwise(({ pageSize, pageToken }) => (pageSize === 2 && pageToken === "" ? { pageSize: 3 } : {})),
    "list/page-size-is-a-maximum",
  ],
  "a page size must be given": [
    refusing(
      ({ pageSize, filter, returnPartialSuccess }) =>
        pageSize === 0 && filter === "" && !returnPartialSuccess,
      "page_size",
    ),
    "list/page-size-has-a-default",
  ],
  "a large page size is refused": [
    refusing(({ pageSize }) => pageSize > 1_000, "page_size"),
    "list/page-size-is-coerced-down",
  ],
  "a negative page size is taken for none": [
    takenOtherwise(({ pageSize }) => (pageSize < 0 ? { pageSize: 0 } : {})),
    "list/negative-page-size-is-refused",
  ],
  "a made-up page token is taken for none": [
    {
      rpcs: (right) => ({
        list: (request, context) =>
          right.list(request, context).catch((error: unknown) => {
            if (request.pageToken === "" || request.filter !== "") throw error;
            return right.list({ ...request, pageToken: "" }, context);
          }),
      }),
    },
    "list/made-up-token-is-refused",
  ],
  "a page token is taken with another filter": [
    takenOtherwise(({ pageToken }) => (pageToken === "" ? {} : { filter: "" })),
    "list/token-is-for-its-filter",
  ],
  "a page size may not change": [
    {
      rpcs: (right) => {
        const sizes = new Map<string, number>();
        return {
          list: async (request, context) => {
            const { pageToken, pageSize } = request;
            if ((sizes.get(pageToken) ?? pageSize) !== pageSize) throw invalid("page_size");
            const page = await right.list(request, context);
            sizes.set(page.nextPageToken, pageSize);
            sizes.delete("");
            return page;
          },
        };
      },
    },
    "list/page-size-may-change",
  ],
  "a page token has a slash in it": [
    {
      rpcs: (right) => ({
        list: async (request, context) => {
          const page = await right.list(
            { ...request, pageToken: request.pageToken.replace(/^a\/\+/, "") },
            context,
          );
          return { ...page, nextPageToken: page.nextPageToken === "" ? "" : `a/+${page.nextPageToken}` };
        },
      }),
    },
    "list/token-is-url-safe",
  ],
  "the last page leads to itself": [
    {
      rpcs: (right) => {
        const given = new Set<string>();
        return {
          list: async (request, context) => {
            const { pageToken, pageSize } = request;
            const isLast = pageToken.startsWith("last");
            if (isLast) return create(ListOperationsResponseSchema, { nextPageToken: pageToken });
            const page = await right.list(request, context);
            given.add(page.nextPageToken);
            // The first page of all, and a walk during which work is started, are right.
            const ends = page.nextPageToken === "" && given.has(pageToken) && pageSize < 100;
            return ends ? { ...page, nextPageToken: "last" } : page;
          },
        };
      },
    },
    "list/walk-has-each-once",
  ],
  "new operations push others to the next page": [
    {
      rpcs: (right) => ({
        list: async (request, context) => {
          if (request.filter !== "" || (request.pageToken !== "" && !request.pageToken.startsWith("from-")))
            return right.list(request, context);
          // What is wrong with the request is refused all the same.
          await right.list({ ...request, pageToken: "" }, context);
          const newestFirst = await listAll(right, context);
          const from = Number(request.pageToken.slice("from-".length));
          const end = from + (request.pageSize || 50);
          const nextPageToken = end < newestFirst.length ? `from-${end}` : "";
          return create(ListOperationsResponseSchema, {
            operations: newestFirst.slice(from, end),
            nextPageToken,
          });
        },
      }),
    },
    "list/walk-survives-starts",
  ],
  "a filter is ignored": [
    takenOtherwise(({ filter, pageToken }) =>
      filter === "done=true" && pageToken === "" ? { filter: "" } : {},
    ),
    "list/filter-is-not-ignored",
  ],
  "a filter that is none is ignored": [
    takenOtherwise(({ filter }) => (filter.includes("((") ? { filter: "" } : {})),
    "list/bad-filter-is-refused",
  ],
  "return_partial_success is ignored": [
    takenOtherwise(() => ({ returnPartialSuccess: false })),
    "list/partial-success-is-not-ignored",
  ],
};
