import { TOPICS } from "./cases/index.ts";
import { describePair } from "./describe-pair.ts";
import { TWO_WAYS } from "./ways.ts";

describePair("on Node's own servers", TOPICS, TWO_WAYS);
