import type { ConnectError } from "@connectrpc/connect";
import type { ReactNode } from "react";
import { Dialog } from "./dialog.tsx";
import { ErrorNotice } from "./error-notice.tsx";

/** Asks before something is done that cannot be undone. */
export function ConfirmDialog(props: {
  readonly title: string;
  readonly children: ReactNode;
  /** What the button says that does it. */
  readonly verb: string;
  readonly isBusy: boolean;
  readonly error: ConnectError | null;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}) {
  const { title, children, verb, isBusy, error, onConfirm, onClose } = props;
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{children}</p>
      {error && <ErrorNotice error={error} what="The server refused it:" />}
      <div className="actions">
        <button type="button" className="button" onClick={onClose}>
          Keep it
        </button>
        <button type="button" className="button danger" disabled={isBusy} onClick={onConfirm}>
          {verb}
        </button>
      </div>
    </Dialog>
  );
}
