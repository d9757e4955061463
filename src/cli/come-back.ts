import type { Settings } from "./settings.ts";
import { shellWord } from "./shell-word.ts";

/** The command by which a person comes back to what was waited for. */
export function comeBackCommand(name: string, settings: Settings): string {
  const { server, protocol, profile, insecure } = settings;
  const words = ["longrunning", "wait", name];
  const isOfProfile = profile !== undefined && server.from.startsWith("profile ");
  if (isOfProfile) words.push("--profile", profile.value);
  else words.push("--server", server.value);
  if (protocol.from === "--protocol") words.push("--protocol", protocol.value);
  if (settings.file.isNamedByFlag) words.push("--config", settings.file.path);
  for (const name of ["ca", "cert", "key"] as const) {
    const file = settings[name];
    if (file?.from === `--${name}`) words.push(file.from, file.value);
  }
  if (insecure.from === "--insecure") words.push("--insecure");
  return words.map(shellWord).join(" ");
}
