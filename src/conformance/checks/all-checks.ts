import type { Check } from "../check.ts";
import { authChecks } from "./auth-checks.ts";
import { cancelChecks } from "./cancel-checks.ts";
import { deleteChecks } from "./delete-checks.ts";
import { errorChecks } from "./error-checks.ts";
import { filterChecks } from "./filter-checks.ts";
import { listChecks } from "./list-checks.ts";
import { pageChecks } from "./page-checks.ts";
import { restChecks } from "./rest-checks.ts";
import { startChecks } from "./start-checks.ts";
import { stateChecks } from "./state-checks.ts";
import { waitChecks } from "./wait-checks.ts";

/** Every check, in the order in which they are asked: what is known of errors comes from all before. */
export const CHECKS: readonly Check[] = [
  ...startChecks,
  ...stateChecks,
  ...waitChecks,
  ...cancelChecks,
  ...deleteChecks,
  ...listChecks,
  ...pageChecks,
  ...filterChecks,
  ...authChecks,
  ...restChecks,
  ...errorChecks,
];
