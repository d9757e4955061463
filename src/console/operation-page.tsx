import { Code } from "@connectrpc/connect";
import { type RefObject, useEffect, useRef } from "react";
import { summaryOf } from "../summary/operation-summary.ts";
import { ConnectionBadge } from "./connection-badge.tsx";
import { ErrorNotice } from "./error-notice.tsx";
import { KNOWN_TYPES } from "./known-types.ts";
import { LongText } from "./long-text.tsx";
import { AnyView } from "./message-view.tsx";
import { OperationActions } from "./operation-actions.tsx";
import { hasBar, ProgressBar, unitsText } from "./progress-bar.tsx";
import { ResultView } from "./result-view.tsx";
import { goTo, hashOf, type ListRoute } from "./route.ts";
import { StateBadge } from "./state-badge.tsx";
import { Timeline } from "./timeline.tsx";
import { useOperation } from "./use-operation.ts";

/** One operation: how it fares, when what was, what its work tells of itself, and how it ended. */
export function OperationPage({
  name,
  offersWatch,
  back,
}: {
  readonly name: string;
  readonly offersWatch: boolean | undefined;
  /** The list that one comes from. */
  readonly back: RefObject<ListRoute>;
}) {
  const { operation, error, isGone, connection } = useOperation(name, offersWatch);
  const heading = useRef<HTMLHeadingElement>(null);
  // Another page begins at its top, for the keyboard and for who hears it.
  useEffect(() => heading.current?.focus(), []);
  const summary = operation && summaryOf(operation, KNOWN_TYPES);
  const state = isGone ? "GONE" : summary?.state;
  const said = [unitsText(summary?.progress), summary?.progress?.message].filter(Boolean).join(" · ");
  return (
    <main className="page">
      <nav aria-label="Back">
        <a className="back" href={hashOf(back.current)}>
          ← Operations
        </a>
      </nav>
      <div className="title">
        <h1 ref={heading} tabIndex={-1}>
          {name}
        </h1>
        <div className="title-state">
          {state && <StateBadge state={state} />}
          {operation && !isGone && <ConnectionBadge state={connection} />}
        </div>
        {operation && !isGone && (
          <OperationActions operation={operation} onDeleted={() => goTo(back.current)} />
        )}
      </div>
      {error && !isGone && (
        <ErrorNotice
          error={error}
          what={error.code === Code.NotFound ? "There is no such operation." : "The operation was refused:"}
        />
      )}
      {isGone && (
        <div className="notice">
          This operation was deleted, or has expired. This is how it was last seen.
        </div>
      )}
      {operation && summary && state && (
        <>
          {(hasBar(state, summary.progress) || said !== "") && (
            <section className="card now" aria-label="Progress">
              <ProgressBar state={state} progress={summary.progress} label="Progress" />
              {said !== "" && (
                <p>
                  <LongText>{said}</LongText>
                </p>
              )}
            </section>
          )}
          <div className="columns">
            <div className="main-column">
              <ResultView operation={operation} />
              <section className="card" aria-labelledby="metadata">
                <h2 id="metadata">Metadata</h2>
                {operation.metadata ? <AnyView any={operation.metadata} /> : <p className="hint">None.</p>}
              </section>
            </div>
            <Timeline operation={operation} />
          </div>
        </>
      )}
    </main>
  );
}
