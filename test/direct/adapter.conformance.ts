import { SLOW_TOPICS, TOPICS } from "./cases/index.ts";
import { describePair } from "./describe-pair.ts";
import { WAYS } from "./ways.ts";

describePair("on Node's own servers", [...TOPICS, ...SLOW_TOPICS], WAYS);
