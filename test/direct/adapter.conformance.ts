import { describePair } from "./describe-pair.ts";
import { WAYS } from "./ways.ts";

describePair("on Node's own servers", WAYS);
