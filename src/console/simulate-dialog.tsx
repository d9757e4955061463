import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { useMutation } from "@connectrpc/connect-query";
import { type FormEvent, useId, useState } from "react";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { codeName } from "../summary/code-name.ts";
import { durationOfMs } from "../time/duration.ts";
import { Dialog } from "./dialog.tsx";
import { ErrorNotice } from "./error-notice.tsx";
import { goTo } from "./route.ts";

/** What simulated work can fail with. */
const CODES = Object.values(Code).filter((code) => typeof code === "number");

/** Starts simulated work, and goes to its operation. */
export function SimulateDialog({ onClose }: { readonly onClose: () => void }) {
  const id = useId();
  const [code, setCode] = useState(0);
  const start = useMutation(SimulatorService.method.simulateWork, {
    onSuccess: ({ name }) => {
      onClose();
      goTo({ page: "operation", name });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (field: string) => String(data.get(field) ?? "");
    start.mutate({
      duration: durationOfMs(Number(text("seconds")) * 1_000),
      steps: Number(text("steps")),
      payload: text("payload"),
      parent: text("parent").trim(),
      ignoreCancel: data.has("ignore-cancel"),
      ...(code > 0 && { error: create(StatusSchema, { code, message: text("message") }) }),
    });
  };
  return (
    <Dialog title="Simulate work" onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <div className="pair">
          <div className="field">
            <label htmlFor={`${id}-seconds`}>Seconds</label>
            <input
              id={`${id}-seconds`}
              name="seconds"
              type="number"
              min={0}
              max={86_400}
              step="any"
              defaultValue={20}
              required
            />
          </div>
          <div className="field">
            <label htmlFor={`${id}-steps`}>Steps</label>
            <input
              id={`${id}-steps`}
              name="steps"
              type="number"
              min={0}
              max={10_000}
              defaultValue={100}
              required
            />
          </div>
        </div>
        <div className="field">
          <label htmlFor={`${id}-ends`}>Ends with</label>
          <select
            id={`${id}-ends`}
            value={code}
            onChange={({ currentTarget }) => setCode(Number(currentTarget.value))}
          >
            <option value={0}>success</option>
            {CODES.map((one) => (
              <option key={one} value={one}>
                {codeName(one)}
              </option>
            ))}
          </select>
        </div>
        {code === 0 ? (
          <div className="field">
            <label htmlFor={`${id}-payload`}>Payload of the response</label>
            <input id={`${id}-payload`} name="payload" defaultValue="hello" />
          </div>
        ) : (
          <div className="field">
            <label htmlFor={`${id}-message`}>Message of the error</label>
            <input id={`${id}-message`} name="message" defaultValue="as it was told to" />
          </div>
        )}
        <div className="field">
          <label htmlFor={`${id}-parent`}>Parent</label>
          <input id={`${id}-parent`} name="parent" placeholder="none" autoComplete="off" spellCheck={false} />
        </div>
        <label className="check">
          <input type="checkbox" name="ignore-cancel" /> A cancel comes too late
        </label>
        {start.error && <ErrorNotice error={start.error} what="The server refused it:" />}
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            Close
          </button>
          <button type="submit" className="button primary" disabled={start.isPending}>
            Start
          </button>
        </div>
      </form>
    </Dialog>
  );
}
