// A client of the simulator as Google's generator writes them: a stub, the service's settings, and a descriptor that
// makes an Operation of each answer.
import { fileURLToPath } from "node:url";
import gax from "google-gax";

const SERVICE = "longrunning.testing.v1.SimulatorService";

/** What Google's clients get from the API's service.yaml: where the operations of this API are, by REST. */
const HTTP_RULES = [
  {
    selector: "google.longrunning.Operations.ListOperations",
    get: "/v1/{name=projects/*}/operations",
  },
  {
    selector: "google.longrunning.Operations.GetOperation",
    get: "/v1/{name=projects/*/operations/*}",
    additional_bindings: [{ get: "/v1/{name=operations/*}" }],
  },
  {
    selector: "google.longrunning.Operations.DeleteOperation",
    delete: "/v1/{name=projects/*/operations/*}",
    additional_bindings: [{ delete: "/v1/{name=operations/*}" }],
  },
  {
    selector: "google.longrunning.Operations.CancelOperation",
    post: "/v1/{name=projects/*/operations/*}:cancel",
    body: "*",
    additional_bindings: [{ post: "/v1/{name=operations/*}:cancel", body: "*" }],
  },
];

/** Where the server is: in the clear, and without Google's credentials. */
function optionsOf(url, rest) {
  const { hostname, port } = new URL(url);
  return {
    auth: new gax.GoogleAuth({ authClient: new gax.googleAuthLibrary.PassThroughClient() }),
    servicePath: hostname,
    port: Number(port),
    ...(rest ? { fallback: true, protocol: "http" } : { sslCreds: gax.grpc.credentials.createInsecure() }),
  };
}

/** The client of a server at `url`, by gRPC or by REST: `simulateWork`, gax's OperationsClient, and the types. */
export async function openSimulatorClient(url, protocol) {
  const rest = protocol === "rest";
  const transport = rest ? gax.fallback : gax;
  const options = optionsOf(url, rest);
  const client = new transport.GrpcClient(options);
  const json = protosJson();
  const types = transport.protobufFromJSON(json);
  const operations = transport
    .lro({ ...options, ...(rest && { protoJson: types, httpRules: HTTP_RULES }) })
    .operationsClient(options);
  const [response, metadata] = ["SimulateWorkResponse", "SimulateWorkMetadata"].map((name) =>
    types.lookupType(`longrunning.testing.v1.${name}`),
  );
  const protos = client.loadProtoJSON(json);
  const stub = await client.createStub(
    rest ? protos.lookupService(SERVICE) : protos.longrunning.testing.v1.SimulatorService,
    options,
  );
  const methods = { SimulateWork: { timeout_millis: 60_000 } };
  const config = { interfaces: { [SERVICE]: { methods } } };
  const simulateWork = transport.createApiCall(
    stub.simulateWork.bind(stub),
    client.constructSettings(SERVICE, config, {}, {}).simulateWork,
    new gax.LongrunningDescriptor(operations, response.decode.bind(response), metadata.decode.bind(metadata)),
    rest,
  );
  return { simulateWork, operations, types };
}

/** The simulator's protos and google.longrunning, as `pbjs --target json` has them. */
function protosJson() {
  const folders = ["../../../proto/", "./node_modules/google-gax/build/protos/"];
  const [own, googles] = folders.map((folder) => fileURLToPath(new URL(folder, import.meta.url)));
  const root = new gax.protobuf.Root();
  root.resolvePath = (_, file) => (file.startsWith("google/") ? googles : own) + file;
  root.loadSync(["longrunning/testing/v1/simulator.proto", "google/rpc/error_details.proto"]);
  return root.resolveAll().toJSON();
}
