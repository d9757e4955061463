import { expressConnectMiddleware } from "@connectrpc/connect-express";
import { NestFactory } from "@nestjs/core";
import { createOperations, MemoryStore } from "longrunning";
import { createSimulatorService, SimulateWork, SimulatorService } from "longrunning/testing";

const operations = createOperations({
  store: new MemoryStore(),
  methods: [[SimulatorService.method.simulateWork, SimulateWork]],
});
const routes = operations.routes((router) =>
  router.service(SimulatorService, createSimulatorService(operations.manager)),
);
class AppModule {
  beforeApplicationShutdown() {
    operations.answerWaiting();
  }
  async onApplicationShutdown() {
    await operations.close();
  }
}
const app = await NestFactory.create({ module: AppModule });
app.enableShutdownHooks();
app.use(expressConnectMiddleware({ routes }));
await app.listen(Number(process.env.PORT ?? 8080), "127.0.0.1");
console.log(app.getHttpServer().address());
