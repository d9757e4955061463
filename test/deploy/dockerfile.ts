/** One instruction of a Dockerfile, as far as the one of this repository needs it. */
export interface Instruction {
  /** In capitals: RUN, COPY. */
  readonly name: string;
  /** `--from=build` as `["from", "build"]`. */
  readonly flags: ReadonlyMap<string, string>;
  /** What follows the flags. */
  readonly rest: string;
}

/** From one FROM to the next. */
export interface Stage {
  /** What later stages copy from; its number where it has no name. */
  readonly name: string;
  readonly image: string;
  readonly instructions: readonly Instruction[];
}

/** The stages of a Dockerfile without heredocs, parser directives, and arguments before the first FROM. */
export function parseDockerfile(text: string): Stage[] {
  const lines = text.replace(/^\s*#.*\n/gm, "").replace(/\\\n/g, " ");
  const instructions = lines.split("\n").filter((line) => line.trim() !== "");
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  for (const instruction of instructions.map(parseInstruction)) {
    if (instruction.name === "FROM") {
      const [image = "", , name = String(stages.length)] = instruction.rest.split(/\s+/);
      stages.push({ name, image, instructions: [] });
    } else {
      stages.at(-1)?.instructions.push(instruction);
    }
  }
  return stages;
}

/** What a container runs: `["node", "server.js"]` as Docker has it, and not as a line for a shell. */
export function execForm(rest: string): string[] {
  return JSON.parse(rest);
}

function parseInstruction(line: string): Instruction {
  const [, name = "", flags = "", rest = ""] = /^(\w+)\s+((?:--\S+\s+)*)(.*)$/.exec(line.trim()) ?? [];
  const pairs = Array.from(
    flags.matchAll(/--([\w-]+)=(\S+)/g),
    ([, key = "", value = ""]) => [key, value] as const,
  );
  return { name: name.toUpperCase(), flags: new Map(pairs), rest };
}
