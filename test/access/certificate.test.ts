import type { PeerCertificate } from "node:tls";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { certificateIdentity } from "../../src/access/certificate-identity.ts";
import { openServer, TLS } from "../server/open-server.ts";

/** The certificate of the tests is its own authority, and a client's as well as the server's. */
const MUTUAL_TLS = { ...TLS, clientCa: TLS.cert };
const nodeOptions = { ...TLS, rejectUnauthorized: false };

const transports = {
  "gRPC over HTTP/2": (baseUrl: string) => createGrpcTransport({ baseUrl, nodeOptions }),
  "Connect over HTTP/1.1": (baseUrl: string) =>
    createConnectTransport({ baseUrl, httpVersion: "1.1", nodeOptions }),
};

describe.each(Object.entries(transports))("a client's certificate over %s", (_, transportTo) => {
  it("says whose operations it starts", async () => {
    await using server = await openServer({
      tls: MUTUAL_TLS,
      create: { access: { authenticate: certificateIdentity() } },
    });
    const transport = transportTo(server.url);
    const { name } = await createClient(SimulatorService, transport).simulateWork({});
    const { operations } = await createClient(Operations, transport).listOperations({});
    expect(operations.map((operation) => operation.name)).toEqual([name]);
  });
});

describe("the identity of a certificate", () => {
  it.each([
    ["its URI", { subjectaltname: "DNS:a.example, URI:spiffe://a/b", subject: { CN: "x" } }, "spiffe://a/b"],
    ["its common name where it has no URI", { subjectaltname: "DNS:a.example", subject: { CN: "x" } }, "x"],
    [
      "not what only looks like a URI in another name",
      { subjectaltname: 'DNS:"a, URI:spiffe://a/b"', subject: { CN: "x" } },
      "x",
    ],
  ])("is %s", async (_, certificate, id) => {
    const head = { method: Operations.method.getOperation, header: new Headers() };
    const principal = await certificateIdentity()({ ...head, certificate: certificate as PeerCertificate });
    expect(principal).toEqual({ id });
  });

  it("is nobody's without a certificate", async () => {
    const head = { method: Operations.method.getOperation, header: new Headers(), certificate: undefined };
    expect(await certificateIdentity()(head)).toBeUndefined();
  });
});
