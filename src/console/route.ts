import { useSyncExternalStore } from "react";

/** A page of the list. */
export interface ListRoute {
  readonly page: "list";
  /** The parent of the operations, as ListOperations takes it; "" for those without. */
  readonly parent: string;
  /** An AIP-160 filter; "" for all. */
  readonly filter: string;
  readonly size: number;
  /** The page token; "" for the first page. */
  readonly token: string;
}

/** The page of one operation. */
export interface OperationRoute {
  readonly page: "operation";
  readonly name: string;
}

/** Where in the console one is: what the address says behind its #. */
export type Route = ListRoute | OperationRoute;

/** How many rows a page of the list may have; the first is the default. */
export const SIZES = [100, 250, 1_000] as const;

/** The first page of all operations. */
export const START: ListRoute = { page: "list", parent: "", filter: "", size: SIZES[0], token: "" };

/** The route of a hash; of one that nobody has made, the nearest. */
export function routeOf(hash: string): Route {
  const [path = "", query = ""] = splitOnce(hash.replace(/^#?\/?/, ""), "?");
  if (path !== "") return { page: "operation", name: path.split("/").map(decoded).join("/") };
  const parameters = new URLSearchParams(query);
  const size = Number(parameters.get("size"));
  return {
    page: "list",
    parent: parameters.get("parent") ?? "",
    filter: parameters.get("filter") ?? "",
    size: SIZES.find((one) => one === size) ?? START.size,
    token: parameters.get("token") ?? "",
  };
}

/** The hash of a route. */
export function hashOf(route: Route): string {
  if (route.page === "operation") return `#/${route.name.split("/").map(encodeURIComponent).join("/")}`;
  const parameters = new URLSearchParams();
  if (route.parent !== "") parameters.set("parent", route.parent);
  if (route.filter !== "") parameters.set("filter", route.filter);
  if (route.size !== START.size) parameters.set("size", String(route.size));
  if (route.token !== "") parameters.set("token", route.token);
  const query = parameters.toString();
  return query === "" ? "#/" : `#/?${query}`;
}

/** Where one is. */
export function useRoute(): Route {
  return routeOf(useSyncExternalStore(onHashChange, () => location.hash));
}

/** Goes there. */
export function goTo(route: Route): void {
  location.hash = hashOf(route);
}

function onHashChange(listener: () => void): () => void {
  addEventListener("hashchange", listener);
  return () => removeEventListener("hashchange", listener);
}

function splitOnce(text: string, mark: string): readonly string[] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // A lone % is no escape; it stands for itself.
    return segment;
  }
}
