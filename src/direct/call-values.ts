import type { ContextKey, ContextValues } from "@connectrpc/connect";

/**
 * The values of a call, as `createContextValues` has them. Its methods are on its prototype: a call that waits would keep
 * functions of its own.
 */
export class CallValues implements ContextValues {
  get<Value>({ id, defaultValue }: ContextKey<Value>): Value {
    // What is kept under the id of a key is of its type.
    return Object.hasOwn(this, id) ? (Reflect.get(this, id) as Value) : defaultValue;
  }

  set<Value>({ id }: ContextKey<Value>, value: Value): this {
    Reflect.set(this, id, value);
    return this;
  }

  delete({ id }: ContextKey<unknown>): this {
    Reflect.deleteProperty(this, id);
    return this;
  }
}
