import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import type { Status } from "../../gen/google/rpc/status_pb.ts";
import { codeName } from "../summary/code-name.ts";
import { LongText } from "./long-text.tsx";
import { AnyView, firstOf, Rest } from "./message-view.tsx";

/** How an operation ended: its response, or its error with the details. */
export function ResultView({ operation }: { readonly operation: Operation }) {
  const { done, result } = operation;
  if (!done) return null;
  if (result.case === "error") return <ErrorView status={result.value} />;
  return (
    <section className="card" aria-labelledby="response">
      <h2 id="response">Response</h2>
      {result.case === "response" ? (
        <AnyView any={result.value} />
      ) : (
        <p className="hint">Done, with neither a response nor an error.</p>
      )}
    </section>
  );
}

function ErrorView({ status: { code, message, details } }: { readonly status: Status }) {
  return (
    <section className="card error-card" aria-labelledby="error">
      <h2 id="error">Error</h2>
      <p className="error-line">
        <code>{codeName(code)}</code>{" "}
        {message ? <LongText>{message}</LongText> : <span className="hint">without a message</span>}
      </p>
      {firstOf(details).map((detail, index) => (
        <div key={index} className="detail">
          <AnyView any={detail} />
        </div>
      ))}
      <Rest count={details.length} />
    </section>
  );
}
