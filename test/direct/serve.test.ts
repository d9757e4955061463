import { TOPICS } from "./cases/index.ts";
import { describePair } from "./describe-pair.ts";
import { TWO_WAYS } from "./ways.ts";

describePair("by serve", TOPICS, TWO_WAYS);
