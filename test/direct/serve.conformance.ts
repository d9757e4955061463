import { describePair } from "./describe-pair.ts";
import { WAYS } from "./ways.ts";

describePair("by serve", WAYS);
