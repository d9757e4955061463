import { ConnectError } from "@connectrpc/connect";
import { useState } from "react";
import { ConnectionBadge } from "./connection-badge.tsx";
import { ErrorNotice } from "./error-notice.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { filterFault } from "./filter-fault.ts";
import { OperationGrid } from "./operation-grid.tsx";
import { goTo, hashOf, type ListRoute, SIZES } from "./route.ts";
import { StateCounts } from "./state-counts.tsx";
import { type OperationsPage, useOperations } from "./use-operations.ts";

/** A page of operations. */
export function OperationList({
  route,
  offersWatch,
}: {
  readonly route: ListRoute;
  readonly offersWatch: boolean | undefined;
}) {
  const page = useOperations(route, offersWatch);
  const { operations, error, connection } = page;
  const fault = filterFault(error, route.filter);
  return (
    <main className="page list">
      <h1 className="unseen">Operations</h1>
      <FilterBar route={route} fault={fault} />
      {!fault && (
        <div className="list-head">
          <ConnectionBadge state={connection} />
          {operations && <StateCounts operations={operations} />}
        </div>
      )}
      {error && !fault && <ErrorNotice error={error} what="The list was refused:" />}
      {operations !== undefined && !fault && (
        <>
          {operations.length === 0 ? (
            <Nothing route={route} />
          ) : (
            <OperationGrid key={`grid ${page.key}`} operations={operations} />
          )}
          <Pager key={`pager ${page.key}`} route={route} page={page} />
        </>
      )}
    </main>
  );
}

function Nothing({ route }: { readonly route: ListRoute }) {
  return (
    <div className="nothing">
      {route.filter === "" && route.token === "" ? (
        <>
          <p>No operations yet.</p>
          <p className="hint">What is started on this server comes here by itself.</p>
        </>
      ) : (
        <>
          <p>No operation matches.</p>
          <p className="hint">
            <a href={hashOf({ ...route, filter: "", token: "" })}>Show all</a>
          </p>
        </>
      )}
    </div>
  );
}

function Pager({ route, page }: { readonly route: ListRoute; readonly page: OperationsPage }) {
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<ConnectError>();
  const goOn = async () => {
    setIsBusy(true);
    setError(undefined);
    try {
      const token = await page.nextToken();
      if (token !== "") goTo({ ...route, token });
    } catch (error) {
      setError(ConnectError.from(error));
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <div className="pager">
      {error && <ErrorNotice error={error} what="The next page was refused:" />}
      <label>
        Rows{" "}
        <select
          value={route.size}
          onChange={(event) => goTo({ ...route, size: Number(event.currentTarget.value), token: "" })}
        >
          {SIZES.map((size) => (
            <option key={size} value={size}>
              {size.toLocaleString()}
            </option>
          ))}
        </select>
      </label>
      <nav aria-label="Pages">
        {route.token !== "" && (
          <a className="button" href={hashOf({ ...route, token: "" })}>
            Newest
          </a>
        )}
        {page.hasNext && (
          <button type="button" className="button" disabled={isBusy} onClick={() => void goOn()}>
            Older
          </button>
        )}
      </nav>
    </div>
  );
}
