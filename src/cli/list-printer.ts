import { type Operation, OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import { summaryOf } from "../summary/operation-summary.ts";
import { DOCUMENT_FORMS, documentText, jsonText } from "./document.ts";
import { OperationTable } from "./operation-table.ts";
import type { Screen } from "./screen.ts";
import type { TypeBook } from "./type-book.ts";

/** Forms of a list. */
export const LIST_FORMS = ["table", ...DOCUMENT_FORMS] as const;

/** One of them. */
export type ListForm = (typeof LIST_FORMS)[number];

/** Prints operations as they come. */
export interface ListPrinter {
  /** Prints these, and those that are there no longer. */
  add(operations: readonly Operation[], gone?: readonly string[]): void;
  /** There are no more. */
  end(): void;
}

/**
 * Prints a table, a YAML list, or a JSON array. What is watched has no end: there JSON is one object a line, and YAML
 * one document each, `{"name": …, "gone": true}` for what is listed no longer.
 */
export function createListPrinter(
  form: ListForm,
  screen: Screen,
  types: TypeBook,
  isWatched: boolean,
): ListPrinter {
  if (form === "table") return tablePrinter(screen, types);
  const jsonOf = (operation: Operation) => types.toJson(OperationSchema, operation);
  if (isWatched) {
    const head = form === "yaml" ? "---\n" : "";
    return {
      add(operations, gone = []) {
        for (const json of [...operations.map(jsonOf), ...gone.map((name) => ({ name, gone: true }))]) {
          screen.print(form === "yaml" ? head + documentText("yaml", json) : `${jsonText(json, 0)}\n`);
        }
      },
      end() {},
    };
  }
  let count = 0;
  return {
    add(operations) {
      for (const operation of operations) {
        const json = jsonOf(operation);
        if (form === "yaml") screen.print(documentText("yaml", [json]));
        else screen.print(`${count === 0 ? "[" : ","}\n${indented(jsonText(json, 2))}`);
        count += 1;
      }
    },
    end() {
      if (form === "json") screen.print(count === 0 ? "[]\n" : "\n]\n");
      else if (count === 0) screen.print("[]\n");
    },
  };
}

function tablePrinter(screen: Screen, types: TypeBook): ListPrinter {
  const table = new OperationTable(screen.hasColour);
  return {
    add(operations, gone = []) {
      const rows = operations.map((operation) => summaryOf(operation, types));
      const left = gone.map((name) => ({
        ...{ name, state: "GONE" as const, type: "" },
        ...{ progress: undefined, createTime: undefined },
      }));
      if (rows.length + left.length > 0) screen.print(table.rows([...rows, ...left]));
    },
    end() {},
  };
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}
