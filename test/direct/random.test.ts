import { describeRandom } from "./describe-random.ts";

describeRandom("on Node's own servers", 150);
describeRandom("by serve", 150);
