import type { FilterTypes } from "../filter/operation-field.ts";
import type { OperationType } from "../operation/operation-type.ts";

/** The types whose fields a filter knows: each once, however many operation types have it. */
export function filterTypes(types: readonly OperationType[]): FilterTypes {
  return {
    metadata: [...new Set(types.map(({ metadata }) => metadata))],
    response: [...new Set(types.map(({ response }) => response))],
  };
}
