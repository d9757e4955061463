import { type FormEvent, useId, useState } from "react";
import { mayBeSent } from "./may-be-sent.ts";

/** Asks for a bearer token: the server wants to know who calls. */
export function SignIn({
  refusal,
  hadToken,
  onToken,
}: {
  /** What the server said. */
  readonly refusal: string;
  readonly hadToken: boolean;
  readonly onToken: (token: string) => void;
}) {
  const [id, hint] = [useId(), useId()];
  const [isOdd, setIsOdd] = useState(false);
  const refused = hadToken ? `The token was refused: ${refusal}` : undefined;
  const fault = isOdd ? "This has characters that no token has." : refused;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const token = String(new FormData(event.currentTarget).get("token") ?? "");
    // What people copy often begins with the name of the scheme.
    const bare = token.trim().replace(/^bearer\s+/i, "");
    const isFit = mayBeSent(bare);
    setIsOdd(!isFit);
    if (isFit) onToken(bare);
  };
  return (
    <main className="page narrow">
      <form className="card sign-in" onSubmit={submit}>
        <h1>Sign in</h1>
        <p>This server asks who calls.</p>
        {fault && (
          <p className="fault" role="alert">
            {fault}
          </p>
        )}
        <label htmlFor={id}>Bearer token</label>
        <input
          id={id}
          name="token"
          type="password"
          autoComplete="off"
          spellCheck={false}
          required
          // biome-ignore lint/a11y/noAutofocus: there is nothing else on the page
          autoFocus
          aria-describedby={hint}
        />
        <p id={hint} className="hint">
          It is kept in this tab alone, until it is closed.
        </p>
        <div className="actions">
          <button type="submit" className="button primary">
            Sign in
          </button>
        </div>
      </form>
    </main>
  );
}
