import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const compose = parse(read("../../deploy/compose.yaml"));

describe("deploy/compose.yaml", () => {
  it("is a Compose file by the schema of the Compose Specification", () => {
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    // ajv knows the draft by its older name, with a #.
    const schema = { ...JSON.parse(read("compose-spec.json")), $schema: undefined };
    ajv.validate(schema, compose);
    expect(ajv.errors).toBeNull();
  });

  it("lets nobody but this machine reach a port", () => {
    const services: { ports?: string[] }[] = Object.values(compose.services);
    const ports = services.flatMap((service) => service.ports ?? []);
    expect(ports.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
  });

  it("names no volume that it does not declare", () => {
    const services: { volumes?: string[] }[] = Object.values(compose.services);
    const named = services.flatMap((service) => service.volumes ?? []).map((volume) => volume.split(":")[0]);
    expect(named).toEqual(Object.keys(compose.volumes));
  });
});

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), "utf8");
}
