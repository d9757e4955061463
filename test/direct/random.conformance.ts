import { describeRandom } from "./describe-random.ts";

describeRandom("on Node's own servers", 3_000);
describeRandom("by serve", 3_000);
