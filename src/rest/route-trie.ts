import type { PathTemplate, TemplateSegment } from "./path-template.ts";
import { decodeText } from "./percent-decoding.ts";

/** What a path and an HTTP method have led to. */
export type Match<Target> =
  | { readonly kind: "found"; readonly target: Target; readonly segments: readonly string[] }
  /** The path is known, with these other HTTP methods. */
  | { readonly kind: "wrongMethod"; readonly allowed: readonly string[] };

interface Node<Target> {
  readonly literals: Map<string, Node<Target>>;
  one: Node<Target> | undefined;
  rest: Node<Target> | undefined;
  /** What ends here: by verb, "" for none, and then by HTTP method. */
  readonly ends: Map<string, Map<string, Target>>;
  /** How many segments follow at most. */
  depth: number;
}

/** The HTTP method of a rule that takes every one. */
const EVERY_METHOD = "*";

/**
 * Finds templates by path, one segment after the other. From the left, text goes before `*`, and `*` before
 * `**`; where that leads nowhere, or to another HTTP method, the next is tried. A verb that a template of this
 * very path has, whatever its HTTP method, is always a verb; any other colon is a character of its segment.
 * An empty segment, as before a trailing slash, is matched by nothing.
 */
export class RouteTrie<Target> {
  readonly #root: Node<Target> = newNode();
  readonly #verbs = new Set<string>();

  /** Adds a template. Answers what was there already for the same paths and method, and then adds nothing. */
  insert(httpMethod: string, template: PathTemplate, target: Target): Target | undefined {
    let node = this.#root;
    for (const [i, segment] of template.segments.entries()) {
      node = childOf(node, segment);
      node.depth = Math.max(node.depth, template.segments.length - i - 1);
    }
    const verb = template.verb ?? "";
    if (template.verb !== undefined) this.#verbs.add(verb);
    const methods = node.ends.get(verb) ?? new Map<string, Target>();
    node.ends.set(verb, methods);
    const present = methods.get(httpMethod);
    if (present === undefined) methods.set(httpMethod, target);
    return present;
  }

  /** What a path, not decoded and without its query, leads to; undefined where no template has it. */
  find(httpMethod: string, path: string): Match<Target> | undefined {
    if (!path.startsWith("/")) return undefined;
    const colon = path.lastIndexOf(":");
    if (colon > path.lastIndexOf("/")) {
      const verb = decodeText(path.slice(colon + 1));
      if (verb !== undefined && this.#verbs.has(verb)) {
        const match = this.#findEnd(httpMethod, path.slice(1, colon), verb);
        if (match !== undefined) return match;
      }
    }
    return this.#findEnd(httpMethod, path.slice(1), "");
  }

  #findEnd(httpMethod: string, path: string, verb: string): Match<Target> | undefined {
    const segments = path.split("/");
    if (segments.includes("")) return undefined;
    const allowed = new Set<string>();
    const walk = (node: Node<Target>, at: number): Target | undefined => {
      const segment = segments[at];
      if (segment === undefined) {
        const methods = node.ends.get(verb);
        const target = methods?.get(httpMethod) ?? methods?.get(EVERY_METHOD);
        if (target !== undefined) return target;
        for (const method of methods?.keys() ?? []) allowed.add(method);
      } else {
        const text = node.literals.size === 0 ? undefined : decodeText(segment);
        const literal = text === undefined ? undefined : node.literals.get(text);
        const target = (literal && walk(literal, at + 1)) ?? (node.one && walk(node.one, at + 1));
        if (target !== undefined) return target;
      }
      return node.rest && walkRest(node.rest, at);
    };
    // `**` takes as few segments as it may, so that a template with more behind it goes before one with less.
    const walkRest = (node: Node<Target>, at: number): Target | undefined => {
      for (let next = Math.max(at, segments.length - node.depth); next <= segments.length; next += 1) {
        const target = walk(node, next);
        if (target !== undefined) return target;
      }
      return undefined;
    };
    const target = walk(this.#root, 0);
    if (target !== undefined) return { kind: "found", target, segments };
    return allowed.size === 0 ? undefined : { kind: "wrongMethod", allowed: [...allowed].sort() };
  }
}

function childOf<Target>(node: Node<Target>, segment: TemplateSegment): Node<Target> {
  switch (segment.kind) {
    case "literal": {
      const child = node.literals.get(segment.text) ?? newNode<Target>();
      node.literals.set(segment.text, child);
      return child;
    }
    case "one":
      node.one ??= newNode();
      return node.one;
    case "rest":
      node.rest ??= newNode();
      return node.rest;
  }
}

function newNode<Target>(): Node<Target> {
  return { literals: new Map(), one: undefined, rest: undefined, ends: new Map(), depth: 0 };
}
