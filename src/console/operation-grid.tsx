import { type KeyboardEvent, useId, useLayoutEffect, useRef, useState } from "react";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { OperationRow } from "./operation-row.tsx";
import { goTo } from "./route.ts";
import { useMedia } from "./use-media.ts";
import { useNow } from "./use-now.ts";
import { rowWindow, scrollTopFor } from "./virtual-rows.ts";

/** As the style sheet has them, in pixels. */
const ROW_HEIGHT = 44;
const TALL_ROW_HEIGHT = 76;
const NARROW = "(max-width: 700px)";

const COLUMNS = ["State", "Name", "Type", "Progress", "Created", "Took"];

/**
 * Operations in rows, of which only those are drawn that can be seen. Arrow keys go from one to the next, Enter opens
 * one. What comes in at the top does not move what one looks at. A table could not leave out rows, and the grid has the
 * focus for all of its rows and cells (aria-activedescendant): hence the roles.
 */
export function OperationGrid({ operations }: { readonly operations: readonly Operation[] }) {
  const rowHeight = useMedia(NARROW) ? TALL_ROW_HEIGHT : ROW_HEIGHT;
  const viewport = useRef<HTMLDivElement>(null);
  const [{ scrollTop, height }, setView] = useState({ scrollTop: 0, height: 0 });
  const [active, setActive] = useState<string>();
  const nowMs = Math.floor(useNow(1_000) / 1_000) * 1_000;
  const id = useId();
  const { first, end } = rowWindow(scrollTop, height, rowHeight, operations.length);

  useLayoutEffect(() => {
    const element = viewport.current;
    if (element === null) return;
    const look = () => setView({ scrollTop: element.scrollTop, height: element.clientHeight });
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, []);

  const anchor = useRef<{ readonly name: string; readonly index: number }>(undefined);
  useLayoutEffect(() => {
    const element = viewport.current;
    if (element === null) return;
    const before = anchor.current;
    if (before !== undefined && element.scrollTop > 0 && operations[before.index]?.name !== before.name) {
      const index = operations.findIndex(({ name }) => name === before.name);
      if (index >= 0) element.scrollTop += (index - before.index) * rowHeight;
    }
    const index = Math.floor(element.scrollTop / rowHeight);
    const name = operations[index]?.name;
    anchor.current = name === undefined ? undefined : { name, index };
  });

  const move = (event: KeyboardEvent) => {
    const at = operations.findIndex(({ name }) => name === active);
    const page = Math.max(Math.floor(height / rowHeight) - 1, 1);
    const target = {
      ArrowDown: at + 1,
      ArrowUp: at < 0 ? 0 : at - 1,
      PageDown: Math.max(at, 0) + page,
      PageUp: at - page,
      Home: 0,
      End: operations.length - 1,
    }[event.key];
    if (event.key === "Enter" && active !== undefined && at >= 0) goTo({ page: "operation", name: active });
    if (target === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const index = Math.min(Math.max(target, 0), operations.length - 1);
    setActive(operations[index]?.name);
    viewport.current?.scrollTo({ top: scrollTopFor(index, scrollTop, height, rowHeight) });
  };

  const rows = operations.slice(first, end);
  const activeRow = rows.findIndex(({ name }) => name === active);
  return (
    <div
      className="grid"
      role="grid"
      aria-label="Operations"
      aria-rowcount={operations.length + 1}
      aria-activedescendant={activeRow < 0 ? undefined : `${id}-${first + activeRow}`}
      tabIndex={0}
      onKeyDown={move}
      onFocus={() => setActive((name) => name ?? operations[0]?.name)}
    >
      <div className="row head" role="row" tabIndex={-1} aria-rowindex={1}>
        {COLUMNS.map((column) => (
          <div key={column} role="columnheader" tabIndex={-1} className={`cell-${CELLS[column]}`}>
            {column}
          </div>
        ))}
      </div>
      <div ref={viewport} className="rows" role="rowgroup" tabIndex={-1}>
        <div className="all-rows" style={{ height: operations.length * rowHeight }}>
          {rows.map((operation, index) => (
            <OperationRow
              key={operation.name}
              id={`${id}-${first + index}`}
              operation={operation}
              index={first + index}
              top={(first + index) * rowHeight}
              isActive={operation.name === active}
              nowMs={nowMs}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

const CELLS: Readonly<Record<string, string>> = {
  State: "state",
  Name: "name",
  Type: "type",
  Progress: "progress",
  Created: "time",
  Took: "took",
};
