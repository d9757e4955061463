import { describeClient } from "../describe-client.ts";
import { grpcurl } from "./client.ts";

describeClient(grpcurl);
