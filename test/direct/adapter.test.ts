import { describePair } from "./describe-pair.ts";
import { FEW_WAYS } from "./ways.ts";

describePair("on Node's own servers", FEW_WAYS);
