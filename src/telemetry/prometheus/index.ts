export {
  type MetricsEndpoint,
  type MetricsEndpointOptions,
  openMetricsEndpoint,
} from "./metrics-endpoint.ts";
