import type { DescFile } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import { ServerReflection } from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionAlpha } from "../../gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { FileIndex } from "./file-index.ts";
import { type Reflected, reflectionAnswer } from "./reflection-answer.ts";

/**
 * Mounts grpc.reflection.v1 and v1alpha, with which grpcurl and `buf curl` find what a server offers: every service
 * of the router, those that are mounted later too, and the types of `moreFiles`, such as those that an Any may hold.
 */
export function mountReflection(router: ConnectRouter, moreFiles: () => Iterable<DescFile> = () => []): void {
  let reflected: Reflected | undefined;
  // When the first client asks, all services are mounted.
  const read = () => {
    reflected ??= reflect(router, moreFiles());
    return reflected;
  };
  router.service(ServerReflection, {
    async *serverReflectionInfo(requests) {
      const sent = new Set<string>();
      for await (const request of requests) {
        const messageResponse = reflectionAnswer(read(), request.messageRequest, sent);
        yield { validHost: request.host, originalRequest: request, messageResponse };
      }
    },
  });
  router.service(ServerReflectionAlpha, {
    async *serverReflectionInfo(requests) {
      const sent = new Set<string>();
      for await (const request of requests) {
        const messageResponse = reflectionAnswer(read(), request.messageRequest, sent);
        yield { validHost: request.host, originalRequest: request, messageResponse };
      }
    },
  });
}

function reflect({ handlers }: ConnectRouter, moreFiles: Iterable<DescFile>): Reflected {
  const services = new Set(handlers.map(({ service }) => service));
  const names = new Set(Array.from(services, ({ typeName }) => typeName));
  const files = new FileIndex([...Array.from(services, ({ file }) => file), ...moreFiles]);
  return { services: [...names].sort(), files };
}
