import { useLayoutEffect, useState } from "react";
import { useMedia } from "./use-media.ts";

const KEY = "longrunning.theme";

type Theme = "light" | "dark";

/** Goes from dark to light and back. Until it is pressed, the page is as the system is. */
export function ThemeSwitch() {
  const isSystemDark = useMedia("(prefers-color-scheme: dark)");
  const [chosen, choose] = useState(stored);
  const theme = chosen ?? (isSystemDark ? "dark" : "light");
  const other = theme === "dark" ? "light" : "dark";
  useLayoutEffect(() => {
    if (chosen !== undefined) document.documentElement.dataset["theme"] = chosen;
  }, [chosen]);
  const press = () => {
    localStorage.setItem(KEY, other);
    choose(other);
  };
  return (
    <button
      type="button"
      className="button quiet icon"
      aria-label={`Use the ${other} theme`}
      title={`Use the ${other} theme`}
      onClick={press}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true">
        {theme === "dark" ? (
          <>
            <circle cx="12" cy="12" r="4" />
            <path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M18.4 5.6 17 7M7 17l-1.4 1.4" />
          </>
        ) : (
          <path d="M20 14.2A8.2 8.2 0 1 1 9.8 4a6.6 6.6 0 0 0 10.2 10.2Z" />
        )}
      </svg>
    </button>
  );
}

function stored(): Theme | undefined {
  const theme = localStorage.getItem(KEY);
  return theme === "light" || theme === "dark" ? theme : undefined;
}
