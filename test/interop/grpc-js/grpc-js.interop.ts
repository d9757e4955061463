import { describeClient } from "../describe-client.ts";
import { grpcJs } from "./client.ts";

describeClient(grpcJs);
