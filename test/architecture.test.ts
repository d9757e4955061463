import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = join(root, "src");

/** Which room may import which (docs/architecture.md). A room may import itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  time: [],
  json: [],
  summary: ["json", "gen"],
  operation: ["json", "gen"],
  store: ["operation", "time", "gen"],
  "store/memory": ["store", "operation", "time", "gen"],
  "store/sqlite": ["store", "operation", "time", "gen"],
  "store/postgres": ["store", "operation", "time", "gen"],
  "store/remote": ["store", "operation", "time", "gen"],
  filter: ["operation", "json", "gen"],
  access: ["operation", "gen"],
  "access/jwt": ["access", "operation", "time", "gen"],
  service: ["access", "filter", "store", "operation", "time", "gen"],
  engine: ["operation", "time", "gen"],
  manager: ["engine", "store", "operation", "time", "gen"],
  rest: ["json", "gen"],
  reflection: ["gen"],
  http2: ["time"],
  http1: [],
  direct: ["http1", "http2", "time"],
  client: ["operation", "json", "time", "gen"],
  telemetry: ["store", "operation", "time", "gen"],
  "telemetry/prometheus": [],
  "telemetry/pino": ["telemetry"],
  react: ["client", "operation", "time", "gen"],
  simulator: ["manager", "operation", "time", "gen"],
  // A black box: it knows servers by what they answer alone.
  conformance: ["json", "time", "gen"],
  testing: ["conformance", "simulator", "store", "operation", "time", "gen"],
  server: [
    ...[
      "simulator",
      "manager",
      "engine",
      "service",
      "access",
      "access/jwt",
      "telemetry",
      "telemetry/prometheus",
      "telemetry/pino",
      "client",
      "rest",
      "reflection",
      "direct",
      "http1",
      "http2",
    ],
    ...[
      "store/memory",
      "store/sqlite",
      "store/postgres",
      "store/remote",
      "store",
      "operation",
      "json",
      "time",
      "gen",
    ],
  ],
  // The server is what `serve` runs, reads flags and tells as that does; all else of it asks a server, which may be anybody's.
  cli: ["server", "client", "summary", "operation", "json", "time", "gen"],
  // The page calls the server as anybody's page would.
  console: ["client", "summary", "operation", "json", "time", "gen"],
  // The face: names only.
  "": [
    "access",
    "direct",
    "server",
    "manager",
    "engine",
    "service",
    "client",
    "store/memory",
    "store/remote",
    "store",
    "operation",
    "time",
  ],
};

/** Rooms that run in a browser too. */
const BROWSER_ROOMS = ["time", "json", "operation", "client", "react", "summary", "console"];

describe("the floor plan", () => {
  it("has no import through a wall", () => {
    const broken = importsOfSources().flatMap(({ from, to }) => {
      const wall = wallBetween(from, to);
      return wall === undefined ? [] : [`${from}: ${wall}`];
    });
    expect(broken).toEqual([]);
  });

  it("names a wrong import", () => {
    expect(wallBetween("src/client/handle.ts", "src/store/watch.ts")).toBe("client/ may not import store/");
  });

  it("has no circle of imports", () => {
    expect(circleIn(importsOfSources())).toBeUndefined();
  });

  it("keeps Node out of the rooms that run in a browser", () => {
    const wrong = filesIn(source)
      .filter((file) => BROWSER_ROOMS.includes(roomOf(file)))
      .filter((file) => specifiersIn(file).some((specifier) => specifier.startsWith("node:")));
    expect(wrong).toEqual([]);
  });

  it("keeps React, which few need, in react/ and in the page that is built", () => {
    const wrong = filesIn(source)
      .filter((file) => !["react", "console"].includes(roomOf(file)))
      .filter((file) =>
        specifiersIn(file).some((specifier) =>
          /^(react\b|@tanstack\/|@connectrpc\/connect-query)/.test(specifier),
        ),
      );
    expect(wrong).toEqual([]);
  });

  it("keeps clocks and timers in time/", () => {
    const wrong = filesIn(source)
      .filter((file) => roomOf(file) !== "time")
      .filter((file) =>
        /(?<!\.)\b(?:setTimeout|setInterval|Date\.now|performance\.now)\(/.test(readFileSync(file, "utf8")),
      );
    expect(wrong).toEqual([]);
  });

  it("writes ConnectErrors in errors.ts alone", () => {
    const wrong = filesIn(source)
      .filter((file) => !file.endsWith("/errors.ts"))
      .filter((file) => readFileSync(file, "utf8").includes("new ConnectError"));
    expect(wrong).toEqual([]);
  });
});

interface Import {
  readonly from: string;
  readonly to: string;
}

function wallBetween(from: string, to: string): string | undefined {
  const room = roomOf(join(root, from));
  const other = roomOf(join(root, to));
  if (room === other || MAY_IMPORT[room]?.includes(other)) return undefined;
  return `${room}/ may not import ${other}/`;
}

function roomOf(file: string): string {
  const path = relative(source, dirname(file));
  if (path.startsWith("../gen")) return "gen";
  // A folder that the plan does not name belongs to the room around it.
  return path in MAY_IMPORT ? path : (path.split("/")[0] ?? "");
}

function importsOfSources(): Import[] {
  return filesIn(source).flatMap((file) =>
    specifiersIn(file)
      .filter((specifier) => specifier.startsWith("."))
      .map((specifier) => ({
        from: relative(root, file),
        to: relative(root, join(dirname(file), specifier)),
      })),
  );
}

function specifiersIn(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return Array.from(text.matchAll(/\bfrom "([^"]+)"|\bimport\("([^"]+)"\)/g), ([, a, b]) => a ?? b ?? "");
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

function circleIn(imports: readonly Import[]): readonly string[] | undefined {
  const next = Map.groupBy(imports, ({ from }) => from);
  const finished = new Set<string>();
  const visit = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (finished.has(file)) return undefined;
    for (const { to } of next.get(file) ?? []) {
      const circle = visit(to, [...path, file]);
      if (circle !== undefined) return circle;
    }
    finished.add(file);
    return undefined;
  };
  for (const file of next.keys()) {
    const circle = visit(file, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
