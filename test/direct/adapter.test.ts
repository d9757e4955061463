import { TOPICS } from "./cases/index.ts";
import { describePair } from "./describe-pair.ts";
import { FEW_WAYS } from "./ways.ts";

describePair("on Node's own servers", TOPICS, FEW_WAYS);
