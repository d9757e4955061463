import type { Topic } from "../topic.ts";
import { behaviours, untellable } from "./behaviours.ts";
import { cancels } from "./cancels.ts";
import { compression, leastCompressed, uncompressed } from "./compression.ts";
import { frameByFrame, shared, slow } from "./connections.ts";
import { contentTypes, gets, targets } from "./content-types.ts";
import { deadlines, farDeadlines, longDeadlines } from "./deadlines.ts";
import { frames, lengths, splits, tooMuch } from "./frames.ts";
import { gates } from "./gates.ts";
import { hosts, http1 } from "./http1.ts";
import { interceptors } from "./interceptors.ts";
import { large, readLimits, writeLimits } from "./limits.ts";
import { metadata, versions } from "./metadata.ts";
import { health, operations } from "./operations.ts";
import { options } from "./options.ts";
import { access, bareErrors, cors, ownDomain, tls } from "./serving.ts";

/** What takes its time. */
export const SLOW_TOPICS: readonly Topic[] = [slow];

/** All else that is compared. */
export const TOPICS: readonly Topic[] = [
  ...[behaviours, untellable],
  ...[contentTypes, targets, gets],
  ...[deadlines, farDeadlines, longDeadlines, cancels],
  ...[compression, leastCompressed, uncompressed],
  ...[metadata, versions],
  ...[readLimits, writeLimits, large],
  ...[frames, splits, lengths, tooMuch],
  ...[http1, hosts, shared, frameByFrame],
  ...[tls, bareErrors, ownDomain, cors, access],
  ...[...interceptors, ...gates, ...options],
  ...[operations, health],
];
