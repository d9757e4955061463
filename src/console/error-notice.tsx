import type { ConnectError } from "@connectrpc/connect";
import { codeName } from "../summary/code-name.ts";
import { mayPass } from "./may-pass.ts";

/** What a call was refused with, in a sentence. */
export function ErrorNotice({ error, what }: { readonly error: ConnectError; readonly what: string }) {
  if (mayPass(error)) {
    return (
      <div className="notice" role="alert">
        <strong>The server does not answer.</strong> The page goes on by itself when it does.
      </div>
    );
  }
  return (
    <div className="notice fault" role="alert">
      <strong>{what}</strong> <span>{error.rawMessage}</span> <code>{codeName(error.code)}</code>
    </div>
  );
}
