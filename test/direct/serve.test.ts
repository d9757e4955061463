import { describePair } from "./describe-pair.ts";
import { FEW_WAYS } from "./ways.ts";

describePair("by serve", FEW_WAYS);
