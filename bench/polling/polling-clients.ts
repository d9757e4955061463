/** How a client polls, as its authors publish it. It polls once at the start, and then after each pause. */
export interface PollingClient {
  readonly id: string;
  readonly title: string;
  /** The first pause, in ms. */
  readonly firstPauseMs: number;
  /** What each pause is multiplied by for the next. */
  readonly multiplier: number;
  readonly longestPauseMs: number;
  /** Whether a pause is drawn from 0 to what it would be. */
  readonly isJittered: boolean;
  /** After how long it polls no more; undefined: it polls on. */
  readonly givesUpMs?: number;
}

/** The clients that Google publishes, with the defaults that they have where nobody sets anything. */
export const POLLING_CLIENTS: readonly PollingClient[] = [
  {
    // cloud.google.com/go/longrunning 1.5.0, longrunning.go: Wait has an interval of 60 s and begins with 1 s;
    // github.com/googleapis/gax-go/v2, call_option.go: Backoff doubles, and draws from 1 ns to the limit.
    id: "go",
    title: "Go, cloud.google.com/go/longrunning 1.5",
    firstPauseMs: 1_000,
    multiplier: 2,
    longestPauseMs: 60_000,
    isJittered: true,
  },
  {
    // google-gax 6.17.0, gax.js: createDefaultBackoffSettings() is (100, 1.3, 60000), without a total timeout;
    // longRunningCalls/longrunning.js: startPolling_ waits for that long.
    id: "gax",
    title: "Node, google-gax 6.17",
    firstPauseMs: 100,
    multiplier: 1.3,
    longestPauseMs: 60_000,
    isJittered: false,
  },
  {
    // google-api-core 2.40.0, future/polling.py: DEFAULT_POLLING; retry/retry_base.py: exponential_sleep_generator
    // draws from 0 to the delay.
    id: "python",
    title: "Python, google-api-core 2.40",
    firstPauseMs: 1_000,
    multiplier: 1.5,
    longestPauseMs: 20_000,
    isJittered: true,
    givesUpMs: 900_000,
  },
  {
    // gapic-generator-java: what generated StubSettings give to OperationTimedPollAlgorithm.create; gax 2.89.0,
    // retrying/ExponentialRetryAlgorithm draws from 0 to the delay where RetrySettings.isJittered, its default.
    id: "java",
    title: "Java, gax 2.89",
    firstPauseMs: 5_000,
    multiplier: 1.5,
    longestPauseMs: 45_000,
    isJittered: true,
    givesUpMs: 300_000,
  },
];
