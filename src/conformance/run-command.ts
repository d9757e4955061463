import { checkConformance } from "./check-conformance.ts";
import { type CommandLine, readCommandLine, USAGE } from "./command-line.ts";
import { listOfChecks } from "./list-checks.ts";
import { ReportWriter } from "./report.ts";
import { reportInJson } from "./report-json.ts";
import { ConformanceUsageError } from "./usage-error.ts";

/** Runs the command. Answers its exit code: 0 where the server conforms, 1 where not, 2 where nothing was checked. */
export async function runCommand(args: readonly string[]): Promise<number> {
  try {
    const asked = await readCommandLine(args);
    if (asked === "help" || asked === "list") {
      process.stdout.write(asked === "help" ? USAGE : listOfChecks());
      return 0;
    }
    return (await check(asked)) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof ConformanceUsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

async function check({ options, json }: CommandLine): Promise<boolean> {
  if (json) {
    const report = await checkConformance(options);
    process.stdout.write(reportInJson(report));
    return report.conforms;
  }
  const { stdout } = process;
  const hasColour = stdout.isTTY && stdout.hasColors();
  const writer = new ReportWriter((text) => stdout.write(text), hasColour);
  const report = await checkConformance({ ...options, onResult: (result) => writer.add(result) });
  writer.end(report);
  return report.conforms;
}
