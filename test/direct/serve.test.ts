import { TOPICS } from "./cases/index.ts";
import { describePair } from "./describe-pair.ts";
import { FEW_WAYS } from "./ways.ts";

describePair("by serve", TOPICS, FEW_WAYS);
