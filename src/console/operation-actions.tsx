import { useMutation } from "@connectrpc/connect-query";
import { useState } from "react";
import { type Operation, Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { ConfirmDialog } from "./confirm-dialog.tsx";

/** What can be done with an operation: each is asked for twice. */
export function OperationActions({
  operation,
  onDeleted,
}: {
  readonly operation: Operation;
  readonly onDeleted: () => void;
}) {
  const { name, done } = operation;
  const [asked, setAsked] = useState<"cancel" | "delete">();
  const close = () => setAsked(undefined);
  const cancel = useMutation(Operations.method.cancelOperation, { onSuccess: close });
  const remove = useMutation(Operations.method.deleteOperation, { onSuccess: onDeleted });
  const ask = (what: "cancel" | "delete") => {
    // What was refused before is no news.
    cancel.reset();
    remove.reset();
    setAsked(what);
  };
  return (
    <div className="actions">
      {!done && (
        <button type="button" className="button" onClick={() => ask("cancel")}>
          Cancel…
        </button>
      )}
      <button type="button" className="button danger-text" onClick={() => ask("delete")}>
        Delete…
      </button>
      {asked === "cancel" && (
        <ConfirmDialog
          title="Cancel this operation?"
          verb="Cancel it"
          isBusy={cancel.isPending}
          error={cancel.error}
          onConfirm={() => cancel.mutate({ name })}
          onClose={close}
        >
          Its work is asked to stop, and may still succeed or fail. <code>{name}</code> stays in the list.
        </ConfirmDialog>
      )}
      {asked === "delete" && (
        <ConfirmDialog
          title="Delete this operation?"
          verb="Delete it"
          isBusy={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate({ name })}
          onClose={close}
        >
          <code>{name}</code> and its result are gone for everybody.
          {!done && " Its work goes on, and nobody will hear how it ends: cancel it first to stop it."}
        </ConfirmDialog>
      )}
    </div>
  );
}
