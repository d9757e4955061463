import type { Counter, Gauge, Histogram, Meter, ObservableGauge, UpDownCounter } from "@opentelemetry/api";

/** From a hundredth of a second to a week. */
const WORK_S = [0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400, 604_800];
/** From half a millisecond to half a minute. */
const SHORT_S = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The measurements of operations (docs/telemetry.md). */
export class OperationMetrics {
  /** Operations that were started here, by type. */
  readonly started: Counter;
  /** How long operations took that ended here, from their creation, by type and state. */
  readonly duration: Histogram;
  /** How long it took from the creation of an operation to the first report of its work, by type. */
  readonly firstProgress: Histogram;
  /** Attempts at work that run here now, by type. */
  readonly running: UpDownCounter;
  /** Attempts at work that have ended here, by type and how. */
  readonly attempts: Counter;
  /** Operations whose work waits for a process to begin it, as the store tells. */
  readonly waitingWork: ObservableGauge;
  /** Calls that wait here now. */
  readonly waits: UpDownCounter;
  /** How long after the end of an operation those are answered who waited for it. */
  readonly wakeDelay: Histogram;
  /** How long the store takes to answer, by call. */
  readonly storeCalls: Histogram;
  /** Work that was taken from this process. */
  readonly leasesLost: Counter;
  /** Operations that were forgotten because their time was over. */
  readonly expired: Counter;
  /** How many the last sweep found. */
  readonly sweepBacklog: Gauge;

  constructor(meter: Meter) {
    const seconds = (name: string, boundaries: readonly number[], description: string) =>
      meter.createHistogram(name, {
        unit: "s",
        description,
        advice: { explicitBucketBoundaries: [...boundaries] },
      });
    const operations = (description: string) => ({ unit: "{operation}", description });
    this.started = meter.createCounter(
      "longrunning.operation.started",
      operations("Operations that were started here"),
    );
    this.duration = seconds(
      "longrunning.operation.duration",
      WORK_S,
      "From the creation of operations to their end here",
    );
    this.firstProgress = seconds(
      "longrunning.operation.first_progress.duration",
      WORK_S,
      "From the creation of operations to the first report of their work",
    );
    this.running = meter.createUpDownCounter("longrunning.work.running", {
      unit: "{attempt}",
      description: "Attempts at work that run here now",
    });
    this.attempts = meter.createCounter("longrunning.work.attempts", {
      unit: "{attempt}",
      description: "Attempts at work that have ended here",
    });
    this.waitingWork = meter.createObservableGauge(
      "longrunning.work.waiting",
      operations("Operations whose work waits to be begun, in all of the store"),
    );
    this.waits = meter.createUpDownCounter("longrunning.wait.active", {
      unit: "{call}",
      description: "Calls that wait for an operation here now",
    });
    this.wakeDelay = seconds(
      "longrunning.wait.wake_delay",
      SHORT_S,
      "From the end of operations to the answer of those who waited for it",
    );
    this.storeCalls = seconds(
      "longrunning.store.call.duration",
      SHORT_S,
      "How long the store took to answer",
    );
    this.leasesLost = meter.createCounter(
      "longrunning.lease.lost",
      operations("Work that was taken from this process"),
    );
    this.expired = meter.createCounter(
      "longrunning.sweep.expired",
      operations("Operations that were forgotten because their time was over"),
    );
    this.sweepBacklog = meter.createGauge(
      "longrunning.sweep.backlog",
      operations("Operations whose time was over when the last sweep came"),
    );
    // What has not happened yet is 0, and not unknown: otherwise nobody sees it happen for the first time.
    for (const counter of [this.leasesLost, this.expired, this.waits]) counter.add(0);
    this.sweepBacklog.record(0);
  }
}
