import { hashOf, START } from "./route.ts";
import { ThemeSwitch } from "./theme-switch.tsx";

/** What is at the top of every page. */
export function Header({
  onSimulate,
  onSignOut,
}: {
  readonly onSimulate?: (() => void) | undefined;
  readonly onSignOut?: (() => void) | undefined;
}) {
  return (
    <header className="header">
      <a className="brand" href={hashOf(START)}>
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <circle cx="12" cy="12" r="8.5" />
          <path d="M12 3.5a8.5 8.5 0 0 1 8.5 8.5" />
        </svg>
        Operations
      </a>
      <div className="header-actions">
        {onSimulate && (
          <button type="button" className="button" onClick={onSimulate}>
            Simulate…
          </button>
        )}
        {onSignOut && (
          <button type="button" className="button quiet" onClick={onSignOut}>
            Sign out
          </button>
        )}
        <ThemeSwitch />
      </div>
    </header>
  );
}
