import type { IncomingHttpHeaders } from "node:http";
import { inspect } from "node:util";
import { valuesOf } from "./headers.ts";

/** What has the headers of a request, as Node has them. */
export interface HeadersSource {
  given(): IncomingHttpHeaders;
}

/** A name as Node has it. */
const NAME = /^[a-z0-9-]+$/;

/**
 * The headers of a request as the web has them, which are made when somebody looks at more than single ones: gates and handlers
 * look at one of a dozen, and making all of them takes longer than the rest of a small call.
 */
export class LightHeaders extends Headers {
  /** What has them as Node does, until they are made; they are not changed. */
  #source: HeadersSource | undefined;
  readonly #hidden: readonly string[];

  /** Without the hidden ones. */
  constructor(source: HeadersSource, hidden: readonly string[]) {
    super();
    this.#source = source;
    this.#hidden = hidden;
  }

  override get(name: string): string | null {
    const known = this.#known(name);
    if (known !== undefined) return known;
    this.#make();
    return super.get(name);
  }

  override has(name: string): boolean {
    const known = this.#known(name);
    if (known !== undefined) return known !== null;
    this.#make();
    return super.has(name);
  }

  override append(name: string, value: string): void {
    this.#make();
    super.append(name, value);
  }

  override delete(name: string): void {
    this.#make();
    super.delete(name);
  }

  override set(name: string, value: string): void {
    this.#make();
    super.set(name, value);
  }

  override getSetCookie(): string[] {
    this.#make();
    return super.getSetCookie();
  }

  override forEach(use: (value: string, name: string, all: Headers) => void, thisArg?: unknown): void {
    this.#make();
    super.forEach(use, thisArg);
  }

  override entries(): HeadersIterator<[string, string]> {
    this.#make();
    return super.entries();
  }

  override keys(): HeadersIterator<string> {
    this.#make();
    return super.keys();
  }

  override values(): HeadersIterator<string> {
    this.#make();
    return super.values();
  }

  override [Symbol.iterator](): HeadersIterator<[string, string]> {
    return this.entries();
  }

  [inspect.custom](...options: unknown[]): unknown {
    this.#make();
    const show: unknown = Reflect.get(Headers.prototype, inspect.custom);
    return typeof show === "function" ? Reflect.apply(show, this, options) : Object.fromEntries(this);
  }

  /** What is said under a name, null for nothing; undefined where they have to be made to tell. */
  #known(name: string): string | null | undefined {
    if (this.#source === undefined || typeof name !== "string" || !NAME.test(name)) return undefined;
    const given = this.#source.given();
    const value = Object.hasOwn(given, name) && !this.#hidden.includes(name) ? given[name] : null;
    // The web has no blanks around a value.
    return Array.isArray(value) || value?.trim() !== (value ?? undefined) ? undefined : value;
  }

  #make(): void {
    const source = this.#source;
    if (source === undefined) return;
    this.#source = undefined;
    for (const [name, value] of valuesOf(source.given())) {
      if (!this.#hidden.includes(name)) super.append(name, value);
    }
  }
}
