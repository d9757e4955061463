import { describeClient } from "../describe-client.ts";
import { java } from "./client.ts";

describeClient(java);
